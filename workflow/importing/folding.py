"""Vietnamese text in two forms: tidied for storing, folded for comparing.

Every comparison of names and phrases in the importer goes through `fold`, so that NFC and NFD, capitals
and lost accents compare equal everywhere.
"""

from __future__ import annotations

import re
import unicodedata

from workflow.domain.vietnamese import fold as fold

LEVELS = ("thị trấn", "thị xã", "thành phố", "đặc khu", "phường", "quận", "huyện", "tỉnh", "xã")
"""The words an administrative level is named by, longer before shorter."""


def tidy(text: str) -> str:
    """Text for storing: NFC, no tags, each run of spaces one space, line ends unchanged."""
    plain = re.sub(r"<br\s*/?>|</p>", "\n", unicodedata.normalize("NFC", text), flags=re.IGNORECASE)
    plain = re.sub(r"</?[a-zA-Z][^<>]*>", "", plain).replace("\u00a0", " ")
    return "\n".join(line for line in (" ".join(line.split()) for line in plain.splitlines()) if line)
