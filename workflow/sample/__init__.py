"""The made-up ward the demo plays: its plan, its directory and its rules.

Everything here is invented: `phường Hòa Xuân Đông, thành phố Bình Minh` is no real place.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from workflow.domain.people.organisations import ReadyRules

LETTERHEAD = {"superior": "Đảng bộ thành phố Bình Minh", "place": "Hòa Xuân Đông"}
"""What stands at the top of the sample ward's reports."""


def plan_path() -> Path:
    """The sample plan, text with tab-separated table rows."""
    return _path("plan.txt")


def directory_path() -> Path:
    """The units and persons of the sample plan."""
    return _path("directory.yaml")


def routing_path() -> Path:
    """The ready routing rules of a ward's Party committee."""
    return _path("routing.toml")


def peoples_committee_routing_path() -> Path:
    """The ready routing rules of a people's committee."""
    return _path("routing-ubnd.toml")


def ready_routing_path(rules: ReadyRules) -> Path:
    """The ready routing rules of that name."""
    return routing_path() if rules is ReadyRules.PARTY else peoples_committee_routing_path()


def scoring_path() -> Path:
    """The ready scoring rules of a ward."""
    return _path("scoring.toml")


def agency_scoring_path() -> Path:
    """The ready scoring rules of an agency."""
    return _path("scoring-agency.toml")


def _path(name: str) -> Path:
    # The package is always installed as files, so the path outlives the context.
    with as_file(files(__name__).joinpath(name)) as path:
        return path
