"""Reads `deployments/prefect.yaml`: the one place where deployments are described, and so the one list of
what the worker runs.

Stock `prefect deploy` reads the file as well. Of its many keys this reads those we use, and refuses the rest
rather than ignore them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

KNOWN_KEYS = {"name", "description", "entrypoint", "tags", "work_pool", "schedules", "parameters"}
KNOWN_SCHEDULE_KEYS = {"cron", "timezone", "slug", "active"}


def deployments_file() -> Path:
    """`deployments/prefect.yaml` of the checkout, or the copy that the wheel ships."""
    root = Path(__file__).resolve().parent.parent
    places = (root / "deployments", root / "workflow" / "_shipped" / "deployments")
    for place in places:
        if (file := place / "prefect.yaml").is_file():
            return file
    raise FileNotFoundError(
        f"no prefect.yaml, neither in {places[0]} nor in {places[1]}; install tiendo again"
    )


@cache
def described_in(file: Path) -> list[dict[str, Any]]:
    """The deployments of the file as it describes them; raises ValueError for a key unknown to us."""
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    for one in found:
        refuse_unknown(one, KNOWN_KEYS, f"deployment {one.get('name')}")
    return found


def our_entrypoints() -> frozenset[str]:
    """The flows the worker runs, whatever Prefect's API names."""
    return frozenset(one["entrypoint"] for one in described_in(deployments_file()))


def refuse_unknown(given: dict[str, Any], known: set[str], what: str) -> None:
    """Raises ValueError where a key is not among the known ones."""
    if unknown := given.keys() - known:
        raise ValueError(f"prefect.yaml: {what} has keys unknown to flows.described: {sorted(unknown)}")
