"""What every mail says beside its own matter: who gets it, from whom, and of which period of which plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from workflow.domain.people.organisations import OrganisationKind
from workflow.storage.post.claims import Claimed
from workflow.storage.tables import organisations, periods, persons, plans


@dataclass(frozen=True, slots=True)
class PlanNamed:
    """A period by its label, and its plan by what it is named with."""

    period: str
    number: str
    title: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The receiver of a mail and their organisation; `plan` is None where it is of no period."""

    person: str
    is_active: bool
    organisation_id: int
    organisation: str
    kind: OrganisationKind
    zone: str
    plan: PlanNamed | None


_CIRCUMSTANCES = (
    select(
        persons.c.is_active,
        persons.c.name.label("person"),
        organisations.c.id.label("organisation_id"),
        organisations.c.name.label("organisation"),
        organisations.c.kind,
        organisations.c.zone,
        periods.c.label.label("period"),
        plans.c.number,
        plans.c.title,
        plans.c.issued_on,
    )
    .join(organisations, organisations.c.id == persons.c.organisation_id)
    .outerjoin(periods, periods.c.id == bindparam("period"))
    .outerjoin(plans, plans.c.id == periods.c.plan_id)
    .where(persons.c.id == bindparam("person"))
)


def circumstances_of(tx: Connection, claimed: Claimed) -> Circumstances:
    """The circumstances of a mail that is to be sent, as they are now."""
    row = tx.execute(_CIRCUMSTANCES, {"person": claimed.person_id, "period": claimed.period_id}).one()
    return Circumstances(
        row.person,
        row.is_active,
        row.organisation_id,
        row.organisation,
        OrganisationKind(row.kind),
        row.zone,
        PlanNamed(row.period, row.number, row.title, row.issued_on) if row.period else None,
    )
