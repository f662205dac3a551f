"""One question, one answer, held by the source itself: what one function says is not said again beside it.

Each test names a question and the one module that may answer it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "workflow"
STORAGE = HOUSE / "storage"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


def calls(folder: Path, wanted: str) -> Iterator[str]:
    """The modules that call `wanted`, as `Rules.from_json`."""
    for path in sources(folder):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == wanted:
                yield path.name


def functions(folder: Path, text: str) -> set[str]:
    """The functions whose own text holds that expression."""
    found = set()
    for path in sources(folder):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and text in ast.unparse(node):
                found.add(node.name)
    return found


@pytest.mark.parametrize("reading", ["Rules.from_json", "ScoringRules.from_dict", "calendar_with"])
def test_rules_at_rest_are_read_in_one_module(reading: str) -> None:
    assert set(calls(STORAGE, reading)) == {"rules.py"}


def test_what_a_period_is_is_one_value() -> None:
    """A class with the last days of a period's steps beside its id is another shape of it."""
    days = {"due_on", "confirm_by", "approve_by", "cut_off", "id"}
    shapes = {
        node.name
        for path in sources(STORAGE)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        and days
        <= {
            one.target.id
            for one in node.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
    }
    assert shapes == {"Period"}


def test_which_plan_runs_is_asked_of_one_module() -> None:
    """Elsewhere no plan is the last one: neither by its number nor by the day it was loaded."""
    ordering = ("plans.c.loaded_at.desc()", "order_by(plans.c.id.desc())")
    last = {path.name for path in sources(HOUSE) for text in ordering if text in path.read_text("utf-8")}
    assert last == {"plans.py"}


def test_nobody_judges_their_own_report_is_said_once_to_facts() -> None:
    assert functions(HOUSE, "authors.isdisjoint(") == {"may_judge"}


def test_the_final_stages_are_named_once() -> None:
    assert functions(HOUSE, "for stage in Stage if stage.is_final") == set()


def test_the_leads_of_cycles_are_named_by_one_question() -> None:
    """The one that puts units' names beside `cycle_units` of the leads."""
    asked = {
        path.name
        for path in sources(STORAGE)
        if "select(cycle_units.c.cycle_id, units.c.name)" in path.read_text("utf-8")
    }
    assert asked == {"names.py"}


def test_no_module_of_storage_hands_on_another_modules_names() -> None:
    handing_on = {
        path.name
        for path in sources(STORAGE)
        for node in tree(path).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    }
    assert handing_on == {"__init__.py"}
