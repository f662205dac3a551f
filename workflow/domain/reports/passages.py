"""The passages of a report's text: generated text, a person's edits, and merging them when the figures or
another person's edits changed meanwhile.

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
    """A passage as stored in a draft. `machine` is the generated text when a person last settled it."""

    key: str
    text: str
    machine: str

    @property
    def is_edited(self) -> bool:
        """Whether the text differs from the generated one."""
        return self.text != self.machine


@dataclass(frozen=True, slots=True)
class Look:
    """A stored passage beside the text generated from the present figures; `written` is None where these no
    longer produce such a passage."""

    kept: Passage
    written: str | None

    @property
    def has_moved(self) -> bool:
        """Whether the generated text changed since a person edited the passage."""
        return self.kept.is_edited and self.written != self.kept.machine

    @property
    def text(self) -> str:
        """The draft's present text: an unedited passage follows the generated one."""
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
    """Every generated passage in its order, then the edited ones that are no longer generated."""
    known = {one.key: one for one in kept}
    found = [
        Look(known.get(key, Passage(key, machine, machine)), machine) for key, machine in written.items()
    ]
    gone = [Look(one, None) for key, one in known.items() if key not in written and one.is_edited]
    return (*found, *gone)


def settled(
    before: Iterable[Look], typed: Mapping[str, str], *, acknowledged: Collection[str] = ()
) -> tuple[Passage, ...]:
    """Returns the passages with the typed texts. One whose text is unchanged keeps its `machine` text, so
    that it is shown as outdated until the person confirms having seen it (`acknowledged`) or edits it."""
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
    """Merges what a person typed over `base` into `latest`, which another saved meanwhile. Returns the typed
    text where it was changed and the other's elsewhere, and the passages that both changed."""
    texts: dict[str, str] = {}
    clashes = []
    for key, theirs in typed.items():
        was, saved = base.get(key, ""), latest.get(key, "")
        texts[key] = saved if theirs == was else theirs
        if theirs not in (was, saved) and saved != was:
            clashes.append(PassageClash(key, theirs, saved))
    return texts, tuple(clashes)
