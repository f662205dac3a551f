"""Words a person will read, that can still be said in another language when they are shown.

The domain speaks Vietnamese and knows no catalogue: what it says is a `str` everywhere, and `workflow.i18n`
says it anew for whoever reads another language.
"""

from __future__ import annotations

from typing import Any, Self


class Words(str):
    """A text in Vietnamese, with the message it was made of and what was put into it:
    `Words("Trễ %(n)s ngày", n=3)`. Each message is in the catalogues."""

    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, **values: Any) -> Self:
        """The message with its values put in."""
        found = super().__new__(cls, message % values if values else message)
        found.message = message
        found.values = values
        return found
