"""The short lines by which a mail carries a manifest or an anchor out of the reach of whoever holds the
database, and reading them again from a saved mail, a pasted text or an exported file."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Any

from workflow.domain.errors import WrongSetting
from workflow.domain.words import Words

MANIFEST = "tiendo-manifest/1"
ANCHOR = "tiendo-anchor/1"


@dataclass(frozen=True, slots=True)
class KeptManifest:
    """A manifest saved outside the database: `body` where the whole was exported, None where only the line of
    a mail with its hash was saved; `signature` may be empty."""

    period: str
    number: int
    sha256: str
    signature: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class KeptAnchor:
    """An anchor read from a mail: the organisation's slug, the anchor's number and its hash."""

    organisation: str
    number: int
    sha256: str


def manifest_line(period: str, number: int, sha256: str, signature: str) -> str:
    """The line by which a mail carries a manifest's hash and signature."""
    return f"{MANIFEST} {period} {number} {sha256} {signature}"


def anchor_line(organisation: str, number: int, sha256: str) -> str:
    """The line by which a mail carries an anchor's hash."""
    return f"{ANCHOR} {organisation} {number} {sha256}"


# A mail program may fold the line, and quotes it with `>` when it is forwarded.
_GAP = r"[\s>]+"
_MANIFEST = re.compile(
    rf"{re.escape(MANIFEST)}{_GAP}(\S+){_GAP}(\d{{1,6}}){_GAP}([0-9a-f]{{64}})(?:{_GAP}([A-Za-z0-9+/]{{80,}}=*))?"
)
_ANCHOR = re.compile(rf"{re.escape(ANCHOR)}{_GAP}(\S+){_GAP}(\d{{1,9}}){_GAP}([0-9a-f]{{64}})")


def read_manifest(raw: bytes) -> KeptManifest:
    """The manifest in an exported file (`tiendo period manifest`), a saved mail or a text; raises
    WrongSetting where there is none."""
    if raw.lstrip()[:1] == b"{":
        return _exported(raw)
    found = _MANIFEST.search(_text_of(raw))
    if found is None:
        raise WrongSetting(
            Words("Trong tệp không có bản kê nào."),
            cure=Words("Lưu thư báo cáo có dòng bắt đầu bằng %(mark)s, hoặc tệp đã xuất.", mark=MANIFEST),
        )
    return KeptManifest(found[1], int(found[2]), found[3], found[4] or "")


def read_anchor(raw: bytes) -> KeptAnchor:
    """The anchor in a saved mail or a text; raises WrongSetting where there is none."""
    found = _ANCHOR.search(_text_of(raw))
    if found is None:
        raise WrongSetting(
            Words("Không thấy mốc nhật ký nào."),
            cure=Words("Lưu thư, hoặc chép dòng bắt đầu bằng %(mark)s.", mark=ANCHOR),
        )
    return KeptAnchor(found[1], int(found[2]), found[3])


def _exported(raw: bytes) -> KeptManifest:
    try:
        export = json.loads(raw)
        body = export["manifest"]
        return KeptManifest(
            str(body["period"]), int(body["number"]), str(export["sha256"]), str(export["signature"]), body
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WrongSetting(
            Words("Tệp này không phải bản kê đã xuất."),
            cure=Words("Xuất lại: tiendo period manifest KỲ --out TỆP."),
        ) from error


def _text_of(raw: bytes) -> str:
    """The text of a saved mail, its parts decoded; of anything else, the text itself."""
    text = raw.decode("utf-8", "replace")
    if not re.match(r"(?i)\A(?:[!-9;-~]+:[ \t].*(?:\r?\n[ \t].*)*\r?\n)+\r?\n", text):
        return text
    found = message_from_bytes(raw, policy=policy.default)
    texts = []
    for part in found.walk():
        if part.get_content_maintype() == "text":
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                texts.append(re.sub(r"<[^>]*>", " ", body.decode("utf-8", "replace")))
    return "\n".join(texts)
