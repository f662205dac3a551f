"""From a plan as read to the running plan: what would change, and the change itself.

The command line and the pages both use this: `offer` a file (`workflow.importing.offering`), show
the `Preview`, `put` it. A preview is the real change in a transaction that is rolled back, so it
can't differ.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from workflow.domain.errors import Conflict
from workflow.domain.people.directory import Directory
from workflow.domain.people.directory_difference import DirectoryDifference, directory_difference
from workflow.domain.people.organisations import OrganisationKind, proposed_kind
from workflow.domain.plans.plan import Plan
from workflow.domain.plans.plan_difference import PlanDifference, difference
from workflow.domain.words import Words
from workflow.importing.amending.renumbering import pairs, renumbered
from workflow.importing.folding import fold
from workflow.importing.form.reading import Accepted
from workflow.storage import Store
from workflow.storage.amending.cycle_changes import Consequence
from workflow.storage.amending.plan_changes import Source, change_plan
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.directory import load_directory, organisation_of, save_directory
from workflow.storage.people.entries import staff_of
from workflow.storage.people.history import entries_between
from workflow.storage.plans.plans import load_plan, plans_of, save_plan


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan changes: in a stored plan (`plan_id` before), or everything where it is new."""

    plan_id: int | None
    plan: PlanDifference
    directory: DirectoryDifference
    consequences: tuple[Consequence, ...] = ()
    kind: OrganisationKind | None = None
    """What the organisation is that would be made; None where it is there already."""
    is_kind_said: bool = False
    """Whether that was said, and not only proposed by its name."""

    @property
    def is_new(self) -> bool:
        """Whether no plan is there yet for this one."""
        return self.plan_id is None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all would change."""
        return self.plan.is_empty and self.directory.is_empty and not self.consequences


@dataclass(frozen=True, slots=True)
class LoadedPlan:
    """A plan in the store, and what that changed."""

    organisation_id: int
    plan_id: int
    preview: Preview


def preview(
    store: Store,
    accepted: Accepted,
    now: datetime,
    *,
    plan_id: int | None = None,
    earlier_codes: dict[str, str] | None = None,
) -> Preview:
    """What `put` would change; nothing is written."""
    with store.reading() as tx:
        return put(tx, accepted, Source(), now, plan_id=plan_id, earlier_codes=earlier_codes).preview


def put(
    tx: Connection,
    accepted: Accepted,
    source: Source,
    now: datetime,
    *,
    plan_id: int | None = None,
    earlier_codes: dict[str, str] | None = None,
    seen: Preview | None = None,
) -> LoadedPlan:
    """Writes the plan and its directory: over the organisation's plan that it is a version of, else as a
    new one.

    `plan_id` says which plan, where that is known; `earlier_codes` the codes that renumbered items had.
    Raises Conflict where the changes are no longer those that were `seen`.
    """
    plan, directory = accepted.plan, accepted.directory
    source = dataclasses.replace(source, findings=accepted.findings)
    organisation_id = organisation_of(tx, directory.organisation)
    if plan_id is None and organisation_id is not None:
        plan_id = version_of(tx, organisation_id, plan)
    if organisation_id is None or plan_id is None:
        return _put_new(tx, organisation_id, plan, directory, source, now)
    staff = directory_difference(load_directory(tx, organisation_id), directory)
    if seen is not None and (seen.plan_id != plan_id or seen.directory != staff):
        raise Conflict(
            Words("Kế hoạch hoặc danh bạ vừa thay đổi."), cure=Words("Xem lại thay đổi rồi nạp lần nữa.")
        )
    if not staff.is_empty:
        before = staff_of(tx, organisation_id)
        save_directory(tx, directory)
        entries = entries_between(before, staff_of(tx, organisation_id))
        record(tx, organisation_id, now, _directory_entry(staff), *entries)
    if earlier_codes is None:
        earlier_codes = renumbered(load_plan(tx, plan_id).items, plan.items)
    changed = change_plan(
        tx,
        plan_id,
        plan,
        now,
        renumbered=earlier_codes,
        source=source,
        seen=seen.plan if seen else None,
    )
    return LoadedPlan(
        organisation_id, plan_id, Preview(plan_id, changed.difference, staff, changed.consequences)
    )


def version_of(tx: Connection, organisation_id: int, plan: Plan) -> int | None:
    """The stored plan that this one is a version of: of the same year and number, or with half its items."""
    heads = plans_of(tx, organisation_id, plan.year)
    for head in heads:
        if plan.number and fold(head.number) == fold(plan.number):
            return head.id
    for head in heads:
        there = load_plan(tx, head.id).items
        if len(pairs(there, plan.items, by_code=False)) * 2 >= max(1, min(len(there), len(plan.items))):
            return head.id
    return None


def _put_new(
    tx: Connection,
    organisation_id: int | None,
    plan: Plan,
    directory: Directory,
    source: Source,
    now: datetime,
) -> LoadedPlan:
    before = load_directory(tx, organisation_id) if organisation_id else Directory(directory.organisation)
    staff = directory_difference(before, directory)
    kind = kind_for(plan, directory)
    is_made = organisation_id is None
    organisation_id = save_directory(tx, directory, kind=kind)
    if not staff.is_empty:
        record(tx, organisation_id, now, _directory_entry(staff))
    plan_id = save_plan(
        tx,
        organisation_id,
        plan,
        now,
        source_name=source.name,
        source_sha256=source.sha256,
        findings=source.findings,
    )
    made = kind if is_made else None
    shown = Preview(
        None, difference(Plan("", plan.year), plan), staff, kind=made, is_kind_said=bool(directory.kind)
    )
    return LoadedPlan(organisation_id, plan_id, shown)


def kind_for(plan: Plan, directory: Directory) -> OrganisationKind:
    """What a new organisation is: as its directory says, else as its name or the plan's issuer proposes."""
    return directory.kind or proposed_kind(directory.organisation, plan.issuer)


def _directory_entry(changes: DirectoryDifference) -> AuditEntry:
    """People added, removed and changed; without addresses, since the log is never erased."""
    units, persons = changes.units, changes.persons
    return AuditEntry(
        "directory-changed",
        details={
            "units": {
                "added": [unit.id for unit in units.added],
                "changed": {change.after.id: list(change.fields) for change in units.changed},
                "dropped": [unit.id for unit in units.dropped],
            },
            "persons": {
                "added": [person.name for person in persons.added],
                "changed": {change.after.name: list(change.fields) for change in persons.changed},
                "dropped": [person.name for person in persons.dropped],
            },
        },
    )
