"""The catalogues of visible words: Vietnamese is what the source says, other languages are the `.po` files
in `workflow/locale/<language>/LC_MESSAGES`.

They are parsed directly, so that no compiled copy can be out of date. Vietnamese words have no plural, so
the source has none; a translation chooses itself, by any of the message's values: `%(n)s {n|item|items}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from workflow.domain.words import Day, Words

DOMAIN = "tiendo"
SOURCE_LANGUAGE = "vi"
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
LOCALE_DIR = Path(__file__).resolve().parent / "locale"


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be shown, the source language first."""
    found = sorted(path.parent.parent.name for path in LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return (SOURCE_LANGUAGE, *(name for name in found if name != SOURCE_LANGUAGE))


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of a language; a missing one returns the source text."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=DOMAIN))
    compiled.seek(0)
    found: NullTranslations = Translations(compiled, DOMAIN)
    return found


def said(value: Any, language: str) -> Any:
    """A value as shown in a language: `Words` are translated, anything else is returned unchanged."""
    if not isinstance(value, Words) or not value:
        return value
    if isinstance(value, Day):
        return _day_said(value, language)
    text = catalogue(language).gettext(value.message)
    if not value.values:
        return text
    return _counted(text, value.values) % {name: said(one, language) for name, one in value.values.items()}


def _day_said(day: Day, language: str) -> str:
    if language == SOURCE_LANGUAGE:
        return str(day)
    return format_date(day.on, "d MMMM y" if day.has_year else "d MMM", locale=language)


_NUMBER = re.compile(r"\{(\w+)\|([^|{}]*)\|([^|{}]*)\}")


def _counted(text: str, values: Mapping[str, Any]) -> str:
    """A translation with the singular or the plural chosen, wherever it offers both."""
    return _NUMBER.sub(lambda found: found[2 if str(values.get(found[1])) == "1" else 3], text)


def speak(environment: Environment, language: str) -> None:
    """Makes an environment's templates speak a language: their own words, and all `Words` put into them."""
    words = catalogue(language)

    def put(context: Context, text: str, values: dict[str, Any]) -> str:
        text = _counted(text, values)
        # The message is a literal of a template (tests/test_templates.py sees to it), so it may be markup;
        # the values, whatever they are, are escaped as they are put in (S704).
        shown = Markup(text) if context.eval_ctx.autoescape else text  # noqa: S704
        return shown % {name: said(value, language) for name, value in values.items()}

    @pass_context
    def gettext(context: Context, message: str, /, **values: Any) -> str:
        return put(context, words.gettext(message), values)

    # For words that another filter cuts or joins, and for plain texts that may be messages of ours.
    environment.filters |= {
        "said": lambda value: said(value, language),
        "known": lambda value: said(Words(value), language),
    }
    environment.finalize = lambda value: said(value, language)
    environment.add_extension("jinja2.ext.i18n")
    # As Jinja's own new-style functions, but for the words among the values.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals |= {"_": gettext, "gettext": gettext, "language": language}
