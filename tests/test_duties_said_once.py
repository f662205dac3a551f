"""One question, one answer: who owes what and how late it is are said in one place each. Read from the source
itself, so that a second answer is noticed the day it is written."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "workflow").rglob("*.py"), *(ROOT / "flows").rglob("*.py")])


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _trees() -> list[tuple[str, ast.Module]]:
    return [
        (_named(path), ast.parse(path.read_text(encoding="utf-8")))
        for path in SOURCES
        if "migrations" not in path.parts
    ]


def _reads_duties(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith("tables")
        and any(one.name == "duties" for one in node.names)
        for node in ast.walk(tree)
    )


def test_only_who_writes_them_and_the_one_who_answers_reads_the_table_of_duties() -> None:
    assert {name for name, tree in _trees() if _reads_duties(tree)} == {
        "workflow/storage/cycles/routing.py",  # writes them
        "workflow/storage/duties/owed.py",  # says who owes them
        "workflow/storage/access/leaving.py",  # what falls vacant with a person or a unit
    }


def _asks_who_is_away(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "stand_ins" for node in ast.walk(tree))


def test_nobody_puts_substitutes_in_place_by_their_own_rule() -> None:
    assert {name for name, tree in _trees() if _asks_who_is_away(tree)} == {
        "workflow/storage/people/stand_ins.py",
        "workflow/storage/duties/owed.py",
        "workflow/storage/post/intents.py",  # whom to write to, before the duty is in the table
        "workflow/storage/duties/ladder.py",  # a rung of the ladder: heads and leaders, who owe nothing
        "workflow/storage/people/lists.py",  # shows who is away
    }


DATES = {"due_on", "confirm_by", "approve_by", "last_day", "last", "due", "until"}

ORDERS = (ast.Lt, ast.Gt, ast.LtE, ast.GtE)


def _compares_with_today(tree: ast.Module) -> bool:
    """Whether a last day is held against today: `one.due_on < period.today`."""

    def name(node: ast.expr) -> str:
        return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""

    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            names = {name(node.left), name(node.comparators[0])}
            if "today" in names and names & DATES and isinstance(node.ops[0], ORDERS):
                return True
    return False


def test_only_lateness_holds_a_last_day_against_today() -> None:
    assert {name for name, tree in _trees() if _compares_with_today(tree)} == {
        "workflow/domain/cycles/confirming.py",  # the engine: whether it still waits
        "workflow/domain/cycles/escalation.py",  # on which days what is owed is reminded of
        "workflow/domain/cycles/lateness.py",
        "workflow/domain/periods/schedule.py",  # whether a period not open yet still can be
        "workflow/reports/charts.py",  # which days a chart shows
        "workflow/storage/scores/own_scores.py",  # whether units are asked yet
        "workflow/storage/duties/overdue_units.py",  # past periods whose first reports are looked at
        "workflow/storage/scores/sitting_lists.py",  # whether a sitting still takes ballots
        "workflow/storage/scores/sittings.py",  # a day chosen for a vote, and votes to be closed
    }


def _counts_working_days(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "working_days_between" for node in ast.walk(tree)
    )


def test_only_lateness_counts_how_many_working_days_late() -> None:
    assert {name for name, tree in _trees() if _counts_working_days(tree)} == {
        "workflow/domain/cycles/lateness.py",
        "workflow/domain/periods/period.py",  # how long a step is
        "workflow/domain/periods/schedule.py",  # whether enough time is left
    }


@pytest.mark.parametrize("folder", ["pages", "mail"])
def test_no_template_holds_a_periods_day_against_today(folder: str) -> None:
    told = re.compile(r"(?:due_on|confirm_by|approve_by|last_day|until)\s*[<>]=?\s*\w*\.?today")
    found = {
        path.name
        for path in (ROOT / "templates" / folder).rglob("*")
        if path.is_file() and told.search(path.read_text(encoding="utf-8"))
    }
    # Of a period that is not open yet, it says that its day is over.
    assert found == ({"opening_look.html"} if folder == "pages" else set())
