"""The page of the rules keeps up with the rules and with the tests it names."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    BodiesRule,
    ConfirmationRule,
    FigureRule,
    PeriodRule,
    ReportRule,
    ScheduleRule,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def test_every_test_the_page_names_exists():
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 50
    assert named - written == set()


def test_every_rule_of_routing_stands_on_the_page():
    told = set(re.findall(r"`(\w+)`", PAGE))
    groups = (PeriodRule, ScheduleRule, ConfirmationRule, ApprovalRule, BodiesRule, ReportRule, FigureRule)
    for group in groups:
        assert {one.name for one in fields(group)} - told == set()
