"""A report's passages: what follows the figures, what a person wrote, and two people at once."""

from __future__ import annotations

import pytest

from workflow.domain.errors import NotAllowed
from workflow.domain.reports.document_number import proposed_number, read_number
from workflow.domain.reports.passages import Passage, PassageClash, looks, rebased, settled


def test_a_passage_nobody_edited_follows_the_machine_and_an_edited_one_is_marked_overtaken():
    kept = (Passage("a", "cũ", "cũ"), Passage("b", "của tôi", "cũ"))
    a, b = looks(kept, {"a": "mới", "b": "mới"})
    assert (a.text, a.has_moved) == ("mới", False)
    assert (b.text, b.has_moved) == ("của tôi", True)


def test_an_overtaken_passage_stays_marked_through_saves_until_it_is_looked_at():
    now = {"b": "mới"}
    kept = settled(looks((Passage("b", "của tôi", "cũ"),), now), {"b": "của tôi"})
    assert looks(kept, now)[0].has_moved
    kept = settled(looks(kept, now), {"b": "của tôi"}, acknowledged={"b"})
    assert kept == (Passage("b", "của tôi", "mới"),)


def test_back_to_the_machines_words_is_no_edit():
    kept = settled(looks((Passage("a", "của tôi", "cũ"),), {"a": "mới"}), {"a": "mới"})
    assert kept == (Passage("a", "mới", "mới"),)
    assert not kept[0].is_edited


def test_an_edited_passage_whose_section_is_gone_is_kept_aside():
    found = looks((Passage("a", "của tôi", "cũ"), Passage("b", "cũ", "cũ")), {})
    assert [(one.kept.key, one.written) for one in found] == [("a", None)]
    assert settled(found, {}) == (Passage("a", "của tôi", "cũ"),)


def test_of_two_editors_each_keeps_what_only_they_changed_and_both_see_what_both_did():
    base = {"a": "1", "b": "1", "c": "1"}
    texts, clashes = rebased(base, {"a": "tôi", "b": "1", "c": "tôi"}, {"a": "1", "b": "họ", "c": "họ"})
    assert texts == {"a": "tôi", "b": "họ", "c": "tôi"}
    assert clashes == (PassageClash("c", "tôi", "họ"),)


def test_two_editors_who_write_the_same_do_not_clash():
    assert rebased({"a": "1"}, {"a": "2"}, {"a": "2"}) == ({"a": "2"}, ())


@pytest.mark.parametrize(
    ("last", "plan", "is_party", "expected"),
    [
        ("12-BC/ĐU", "", True, "13-BC/ĐU"),
        ("9/BC-UBND", "", False, "10/BC-UBND"),
        ("", "12-KH/ĐU", True, "01-BC/ĐU"),
        ("", "45/KH-UBND", False, "01/BC-UBND"),
        ("", "", True, "01-BC/ĐU"),
    ],
)
def test_the_next_number_goes_on_from_the_last_with_the_organisations_symbol(last, plan, is_party, expected):
    assert proposed_number(last, plan, is_party=is_party) == expected


def test_a_number_is_the_same_with_or_without_a_zero_spaces_or_capitals():
    assert read_number("05-BC/ĐU").key == read_number(" 5 - bc/đu ").key
    assert read_number("5-BC/ĐU").key != read_number("5-BC/UBND").key


@pytest.mark.parametrize("typed", ["", "BC/ĐU", "0-BC/ĐU", "12 tháng 3"])
def test_what_is_no_number_is_refused_with_the_form(typed):
    with pytest.raises(NotAllowed, match="12-BC/ĐU"):
        read_number(typed)


def test_minutes_have_a_series_of_their_own():
    assert proposed_number("", "12-KH/ĐU", is_party=True, kind="BB") == "01-BB/ĐU"
    assert proposed_number("09/BB-UBND", "12/KH-UBND", is_party=False, kind="BB") == "10/BB-UBND"


@pytest.mark.parametrize(
    ("typed", "is_of_it"),
    [("3-BB/ĐU", True), ("03/BB-UBND", True), ("3 - bb/đu", True), ("3-BC/BB", False), ("3", False)],
)
def test_a_number_is_of_the_series_its_symbol_begins_with(typed, is_of_it):
    assert read_number(typed).is_of("BB") is is_of_it
