"""The catalogues of visible words: each says all that the source says, and can be filled in as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from workflow.domain.errors import NotAllowed
from workflow.domain.periods.period import Span, label_of
from workflow.domain.vietnamese import day, letter_day, short_day
from workflow.domain.words import Words, kept, restored
from workflow.i18n import DOMAIN, LOCALE_DIR, SOURCE_LANGUAGE, languages, said

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = [one for one in languages() if one != SOURCE_LANGUAGE]
_HELD = re.compile(r"%\((\w+)\)s")
_COUNTED = re.compile(r"\{(\w+)\|")


@pytest.fixture(scope="module")
def source() -> set[str]:
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, {**DEFAULT_KEYWORDS, "Words": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str) and message}


def _translations(language: str) -> dict[str, str]:
    with (LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return {one.id: "" if one.fuzzy else one.string for one in read_po(file) if one.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_the_words_of_the_source_and_no_others_each_translated(
    language: str, source: set[str]
) -> None:
    """Fails after a message was added or changed: `./run words`, then translate what is empty."""
    translations = _translations(language)
    assert sorted(source - translations.keys()) == []
    assert sorted(translations.keys() - source) == []
    assert [message for message, told in translations.items() if not told] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_asks_for_no_value_its_message_lacks(language: str) -> None:
    wrong = [
        message
        for message, told in _translations(language).items()
        if not {*_HELD.findall(told)} <= {*_HELD.findall(message)}
        or not {*_COUNTED.findall(told)} <= {*_HELD.findall(message), "n"}
        or ("%" in _HELD.sub("", message)) != ("%" in _HELD.sub("", told))
        or re.search(r"%(?!%|\()", _HELD.sub("", told).replace("%%", ""))
    ]
    assert wrong == []


@pytest.mark.parametrize(("n", "told"), [(0, "0 items"), (1, "1 item"), ("1", "1 item"), (12, "12 items")])
def test_english_tells_one_from_many(n: object, told: str) -> None:
    assert said(Words("%(n)s nội dung", n=n), "en") == told


def test_words_that_were_kept_are_said_anew_with_the_words_in_them() -> None:
    told = Words.joined((Words("Tán thành"), "", Words("%(n)s nội dung", n=1)), by=": ")
    again = restored(json.loads(json.dumps(kept(told))))
    assert (again, said(again, "en")) == ("Tán thành: 1 nội dung", "Approve: 1 item")
    assert restored(kept("Thiếu ảnh.")) == "Thiếu ảnh."


@pytest.mark.parametrize(
    ("shown", "vietnamese", "english"),
    [
        (day, "05/03/2026", "5 March 2026"),
        (letter_day, "05/3/2026", "5 March 2026"),
        (short_day, "05/3", "5 Mar"),
    ],
)
def test_a_day_is_said_in_each_languages_own_form_also_inside_words_that_were_kept(
    shown: Callable[[date], str], vietnamese: str, english: str
) -> None:
    told = Words("hạn %(due)s", due=shown(date(2026, 3, 5)))
    again = restored(json.loads(json.dumps(kept(told))))
    assert said(again, "vi") == str(again) == f"hạn {vietnamese}"
    assert said(again, "en") == f"due {english}"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("2026-M03", "Month 03/2026"),
        ("2026-Q1", "Quarter I/2026"),
        ("2026-H1", "First half of 2026"),
        ("2026-H2", "Second half of 2026"),
        ("2026", "Year 2026"),
    ],
)
def test_a_periods_label_is_said_anew_also_where_it_was_kept_plain(code: str, told: str) -> None:
    label = Span.parse(code).label
    assert said(label, "en") == said(label_of(str(label)), "en") == told
    assert label_of("Đợt cao điểm") == "Đợt cao điểm"


def test_an_error_is_said_with_its_cure() -> None:
    error = NotAllowed(Words("Chưa ghi ý kiến."), cure=Words("Ghi vào ô góp ý."))
    assert said(error.told, "en") == "There is no opinion. Write it into the comment field."
