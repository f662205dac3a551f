"""The CI step for known advisories: what it lets through, and what it says of what it could not look up."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def step() -> ModuleType:
    path = Path(__file__).resolve().parent.parent / ".ci" / "advisories.py"
    spec = importlib.util.spec_from_file_location("advisories", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["advisories"] = module
    spec.loader.exec_module(module)
    return module


AFFECTED: dict[str, Any] = {
    "dependencies": [
        {"name": "sound", "version": "1.0", "vulns": []},
        {
            "name": "hollow",
            "version": "2.0",
            "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.1"]}],
        },
    ]
}


def test_an_affected_package_fails_the_build(step: ModuleType) -> None:
    verdict = step.judged(AFFECTED, {})
    assert verdict.fails
    assert "AFFECTED: hollow 2.0: PYSEC-1, fixed in ['2.1']" in verdict.lines


def test_one_that_is_accepted_by_any_of_its_names_is_told_with_the_reason(step: ModuleType) -> None:
    verdict = step.judged(AFFECTED, {"CVE-2026-1": "never started here"})
    assert not verdict.fails
    assert any("never started here" in line for line in verdict.lines)


def test_what_could_not_be_looked_up_is_never_counted_as_checked(step: ModuleType) -> None:
    verdict = step.judged({"dependencies": [{"name": "odd", "skip_reason": "not found"}]}, {})
    assert verdict.lines == (
        "NOT LOOKED UP (1), unknown to the service: odd",
        "0 locked packages looked up among the published advisories.",
    )


def test_an_advisory_is_not_silenced_without_a_reason(step: ModuleType) -> None:
    with pytest.raises(ValueError, match="PYSEC-1 is accepted without a reason"):
        step.accepted_from("[PYSEC-1]\nuntil = 2027-01-01\n")
    step.accepted_from(step.ACCEPTED.read_text(encoding="utf-8"))
