"""The catalogues of visible words: Vietnamese is what the source says, other languages are Babel's `.mo`
files in `workflow/locale/<language>/LC_MESSAGES/tiendo.mo`.
"""

from __future__ import annotations

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

DOMAIN = "tiendo"
SOURCE_LANGUAGE = "vi"
LOCALE_DIR = Path(__file__).resolve().parent / "locale"


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be shown, the source language first."""
    found = sorted(path.parent.parent.name for path in LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE_LANGUAGE, *(name for name in found if name != SOURCE_LANGUAGE))


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; one that is not there leaves the source as it is."""
    found: NullTranslations = Translations.load(str(LOCALE_DIR), [language], DOMAIN)
    return found
