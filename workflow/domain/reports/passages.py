"""The passages of a report's text: what the machine wrote, what a person made of it, and what happens when
the figures or another person have moved on meanwhile.

A passage's lines are its paragraphs. Which passages a report has is `workflow.reports.passages`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words

MOST = 60_000
"""Characters a passage may have."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage as a draft keeps it. `machine` is what the machine wrote when a person last settled it."""

    key: str
    text: str
    machine: str

    @property
    def is_edited(self) -> bool:
        """Whether a person wrote it otherwise than the machine."""
        return self.text != self.machine


@dataclass(frozen=True, slots=True)
class Look:
    """A passage beside what the machine writes from the figures of now; `written` is None where the figures
    no longer have such a passage."""

    kept: Passage
    written: str | None

    @property
    def has_moved(self) -> bool:
        """Whether the machine now writes otherwise than when a person settled the passage."""
        return self.kept.is_edited and self.written != self.kept.machine

    @property
    def text(self) -> str:
        """What the draft says now: a passage nobody edited follows the machine."""
        if self.kept.is_edited or self.written is None:
            return self.kept.text
        return self.written


@dataclass(frozen=True, slots=True)
class PassageClash:
    """A passage that two people wrote at once: what was typed, and what the other had saved before."""

    key: str
    typed: str
    saved: str


def looks(kept: Iterable[Passage], written: Mapping[str, str]) -> tuple[Look, ...]:
    """Every passage of now in the machine's order, then those a person edited that the figures dropped."""
    known = {one.key: one for one in kept}
    found = [
        Look(known.get(key, Passage(key, machine, machine)), machine) for key, machine in written.items()
    ]
    gone = [Look(one, None) for key, one in known.items() if key not in written and one.is_edited]
    return (*found, *gone)


def settled(
    before: Iterable[Look], typed: Mapping[str, str], *, acknowledged: Collection[str] = ()
) -> tuple[Passage, ...]:
    """The passages with what was typed. One whose text stays keeps what it was settled against, so that it
    goes on being shown as overtaken, until the person says they saw it (`acknowledged`) or changes it."""
    found = []
    for look in before:
        key, written = look.kept.key, look.written
        text = typed.get(key, look.text)
        if len(text) > MOST:
            raise NotAllowed(
                Words("Một đoạn dài quá %(n)s chữ nên chưa lưu.", n=MOST),
                cure=Words("Chia bớt hoặc rút gọn đoạn ấy."),
            )
        if written is None:
            if text != look.kept.machine:
                found.append(Passage(key, text, look.kept.machine))
            continue
        stays = text == look.text and look.kept.is_edited and key not in acknowledged
        found.append(Passage(key, text, look.kept.machine if stays else written))
    return tuple(found)


def rebased(
    base: Mapping[str, str], typed: Mapping[str, str], latest: Mapping[str, str]
) -> tuple[dict[str, str], tuple[PassageClash, ...]]:
    """What a person typed over `base` brought onto `latest`, which another saved meanwhile: theirs where
    they changed something, the other's elsewhere; and the passages both changed."""
    texts: dict[str, str] = {}
    clashes = []
    for key, theirs in typed.items():
        was, saved = base.get(key, ""), latest.get(key, "")
        texts[key] = saved if theirs == was else theirs
        if theirs not in (was, saved) and saved != was:
            clashes.append(PassageClash(key, theirs, saved))
    return texts, tuple(clashes)
