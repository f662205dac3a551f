"""Loading a plan document with its directory into an empty store, unchecked: what the demo does.

`tiendo plan load` checks, compares and asks first (`plan_loading`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from workflow.amending.plan import put
from workflow.domain.people.directory import Directory
from workflow.importing.files.directory_file import read_directory
from workflow.importing.form.reading import Accepted
from workflow.importing.offering import bytes_of, read_document, sha256_of
from workflow.importing.reading import Reading
from workflow.storage.amending.plan_changes import Source


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan in the store, with what was read and the directory it was matched against."""

    organisation_id: int
    plan_id: int
    reading: Reading
    directory: Directory
    is_directory_proposed: bool


def load(tx: Connection, plan: Path, directory: Path | None, now: datetime) -> Loaded:
    """Reads both and writes them to the store."""
    read = read_document(plan, read_directory(directory) if directory else None)
    findings = tuple(finding.as_json() for finding in read.reading.findings)
    accepted = Accepted(read.reading.plan, read.directory, findings)
    found = put(tx, accepted, Source(plan.name, sha256_of(bytes_of(plan))), now)
    return Loaded(found.organisation_id, found.plan_id, read.reading, read.directory, read.is_proposed)
