"""Loading a plan document and a directory into a store: what the demo does, and `tiendo plan load`."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from workflow.domain.directory import Directory
from workflow.importing.directory_file import propose_directory, read_directory
from workflow.importing.reading import Reading, read_plan
from workflow.storage.directories import save_directory
from workflow.storage.plans import save_plan


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan in the store, with what was read and the directory it was matched against."""

    organisation_id: int
    plan_id: int
    reading: Reading
    directory: Directory
    is_directory_proposed: bool


def read_with_directory(plan: Path, directory: Path | None) -> tuple[Reading, Directory, bool]:
    """The plan read against its directory; with none given, against one proposed from the plan itself."""
    if directory is not None:
        known = read_directory(directory)
        return read_plan(plan, directory=known), known, False
    first = read_plan(plan)
    proposed = propose_directory(first.plan.items, first.plan.issuer or "Đơn vị ban hành")
    return read_plan(plan, directory=proposed), proposed, True


def load(tx: Connection, plan: Path, directory: Path | None, now: datetime) -> Loaded:
    """Reads both and writes them to the store."""
    reading, known, is_proposed = read_with_directory(plan, directory)
    is_party = "đảng" in f"{reading.plan.issuer} {known.organisation}".lower()
    organisation = save_directory(tx, known, is_party=is_party)
    plan_id = save_plan(
        tx,
        organisation,
        reading.plan,
        now,
        source_name=plan.name,
        source_sha256=hashlib.sha256(plan.read_bytes()).hexdigest(),
        findings=[{key: str(value) for key, value in asdict(one).items()} for one in reading.findings],
    )
    return Loaded(organisation, plan_id, reading, known, is_proposed)
