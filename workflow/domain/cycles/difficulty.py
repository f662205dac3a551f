"""A difficulty (khó khăn, vướng mắc) that a report raises: its states, and which step leads to which.

It is raised with a report, answered by the committee with a responsible unit and a day, reported done by
that unit, and followed until the office closes it.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from workflow.domain.words import Words


class DifficultyState(StrEnum):
    """Where a difficulty stands."""

    OPEN = "open"
    ANSWERED = "answered"
    DONE = "done"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """Whether nothing more is awaited."""
        return self in (DifficultyState.CLOSED, DifficultyState.WITHDRAWN)

    @property
    def label(self) -> Words:
        """The state in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    DifficultyState.OPEN: Words("Chờ ý kiến"),
    DifficultyState.ANSWERED: Words("Đang giải quyết"),
    DifficultyState.DONE: Words("Chờ kết thúc"),
    DifficultyState.CLOSED: Words("Đã kết thúc"),
    DifficultyState.WITHDRAWN: Words("Không còn nêu"),
}


class Step(StrEnum):
    """What happens to a difficulty."""

    RAISED = "raised"
    RESTATED = "restated"
    """A newer version of the report still contains it."""
    WITHDRAWN = "withdrawn"
    """A newer version no longer contains it, or replaces it by another."""
    ANSWERED = "answered"
    COMMENTED = "commented"
    DONE = "done"
    CLOSED = "closed"


def after(state: DifficultyState, step: Step) -> DifficultyState | None:
    """The state after the step, or None where the step cannot be taken.

    A new report does not withdraw a difficulty that the committee has answered: it is followed until closed.
    The answer may be replaced; a difficulty reported done then returns to the responsible unit.
    """
    match state, step:
        case DifficultyState.CLOSED | DifficultyState.WITHDRAWN, _:
            return None
        case _, Step.RESTATED | Step.COMMENTED:
            return state
        case _, Step.ANSWERED:
            return DifficultyState.ANSWERED
        case DifficultyState.OPEN, Step.WITHDRAWN:
            return DifficultyState.WITHDRAWN
        case DifficultyState.ANSWERED, Step.DONE:
            return DifficultyState.DONE
        case _, Step.CLOSED:
            return DifficultyState.CLOSED
    return None


# “Không”, “Không có.”, “Chưa phát sinh khó khăn, vướng mắc gì”, “Không có kiến nghị, đề xuất”, “0”, “-”.
_NOTHING = re.compile(
    r"(?:(?:hien )?(?:khong|chua|ko|k)(?: (?:co|gap|phat sinh|thay|kho khan|vuong mac|kien nghi|de xuat|gi|"
    r"nao|nhung|them|dang ke|ton tai|han che|trong ky|va|hoac))*|0|)"
)


def words_of(text: str) -> str:
    """The text of a field with single spaces; empty if it only states that there is nothing to report."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    plain = unicodedata.normalize("NFD", words.casefold().replace("đ", "d"))
    bare = "".join(sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return "" if _NOTHING.fullmatch(" ".join(bare.split())) else words
