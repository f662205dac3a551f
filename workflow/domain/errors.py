"""One root for every error a person may read; each has what happened, where, and the cure.

Programming errors are not wrapped: they propagate unchanged.
"""

from __future__ import annotations

from workflow.domain.words import Words


class TiendoError(Exception):
    """An error meant for the person who runs or uses tiendo.

    `what` happened, `where` (a file, row, setting or page) and the `cure`, each a sentence or empty.
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        super().__init__(" ".join(part for part in (what, where and f"({where})", cure) if part))

    @property
    def told(self) -> str:
        """The message and the cure on one line, without the place."""
        return Words.joined((self.what, self.cure))


class UnreadablePlan(TiendoError):
    """Nothing of a plan could be read from a document."""


class WrongSetting(TiendoError):
    """A setting has an invalid value."""


class NotAllowed(TiendoError):
    """The person, the stage or the clock does not permit what was asked."""


class NotFound(TiendoError):
    """What was asked for does not exist, or is not for the asker to see."""


class Conflict(TiendoError):
    """The data changed after the page was shown; the person must read it again before deciding."""
