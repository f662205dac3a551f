"""Commendations beyond a period's rules: ad hoc proposals at any time, of the plan's units or of others;
models worth copying. Each is a fact of the period during which it was made, whether that is closed or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from workflow.domain.errors import NotAllowed
from workflow.domain.scores.scoring_extras import Council
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.cycles.entitlement import check_office, check_units
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.stand_ins import holding, units_held
from workflow.storage.periods.periods import hold_period, period_of
from workflow.storage.rules import pinned_rules
from workflow.storage.scores.sitting_lists import Motion, Sitting, sittings_of
from workflow.storage.scores.sittings import COMMENDATIONS, NewMotion, open_sitting
from workflow.storage.tables import nominations, persons, units

AD_HOC = "nomination:"
"""How the subject of a motion about a nomination begins."""


class NominationKind(StrEnum):
    """What is put forward."""

    COLLECTIVE = "collective"
    PERSON = "person"
    MODEL = "model"
    """A model worth copying: a way of working, with who did it and why it is worth it."""

    @property
    def label(self) -> Words:
        """The kind in Vietnamese."""
        return _LABELS[self]


_LABELS = {
    NominationKind.COLLECTIVE: Words("Tập thể"),
    NominationKind.PERSON: Words("Cá nhân"),
    NominationKind.MODEL: Words("Điển hình, mô hình hay"),
}


@dataclass(frozen=True, slots=True)
class NewNomination:
    """`unit_id` is a unit of the organisation, or `outside` names a body that is none. `name` is the person's
    or the model's; `text` the achievement, or what the model is; `why` the occasion, or why it is worth
    copying. `award` is the commendation asked for, in the office's words; a model may have none."""

    kind: NominationKind
    award: str
    unit_id: int | None
    outside: str
    name: str
    title: str
    text: str
    why: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Nomination:
    """What was put forward, by whom, and the council's motion about it."""

    id: int
    kind: NominationKind
    award: str
    unit_id: int | None
    body: str
    name: str
    title: str
    text: str
    why: str
    evidence: str
    entered_by: str
    at: datetime
    motion: Motion | None = None

    @property
    def subject(self) -> str:
        """Names it before the council."""
        return f"{AD_HOC}{self.id}"

    @property
    def who(self) -> str:
        """The person or model, or the collective."""
        return self.name or self.body


def nominate(tx: Connection, person_id: int, period_id: int, new: NewNomination, now: datetime) -> int:
    """Records a nomination and returns its id: by the office of anybody, by whoever reports for a unit of
    that unit's."""
    period = period_of(tx, period_id)
    try:
        check_office(tx, person_id, period.organisation_id)
    except NotAllowed:
        if new.unit_id is None or new.unit_id not in reported_units(tx, person_id, period_id, now):
            raise
    values = {name: one.strip() if isinstance(one, str) else one for name, one in asdict(new).items()}
    values["kind"] = new.kind.value
    if (new.unit_id is None) is (not values["outside"]):
        raise NotAllowed(
            Words("Chưa rõ đề nghị của đơn vị nào."),
            cure=Words("Chọn một đơn vị trong danh sách, hoặc ghi tên nơi ngoài danh sách."),
        )
    if new.unit_id is not None:
        check_units(tx, period.organisation_id, {new.unit_id})
    if new.kind is not NominationKind.COLLECTIVE and not values["name"]:
        raise NotAllowed(
            Words("Chưa ghi tên cá nhân hoặc mô hình."), cure=Words("Ghi vào ô họ tên, tên gọi.")
        )
    if new.kind is NominationKind.COLLECTIVE and values["name"]:
        raise NotAllowed(Words("Khen tập thể thì không ghi tên cá nhân."), cure=Words("Để trống ô họ tên."))
    if new.kind is not NominationKind.MODEL and not values["award"]:
        raise NotAllowed(Words("Chưa ghi hình thức khen thưởng."), cure=Words("Ghi như “Giấy khen”."))
    if not values["text"]:
        raise NotAllowed(Words("Chưa ghi thành tích hoặc nội dung."), cure=Words("Ghi việc và kết quả."))
    if new.kind is NominationKind.MODEL and not values["why"]:
        raise NotAllowed(Words("Chưa ghi vì sao nên nhân rộng."), cure=Words("Ghi vào ô lý do."))
    row = {"period_id": period_id, "person_id": person_id, "at": now, **values}
    entry: int = tx.execute(nominations.insert().values(row).returning(nominations.c.id)).scalar_one()
    details = {"period": period_id, "entry": entry, **values, FACT: fact_hash(FactKind.NOMINATION, row)}
    record(tx, period.organisation_id, now, AuditEntry("nominated", person_id, details))
    return entry


def reported_units(tx: Connection, person_id: int, period_id: int, now: datetime) -> dict[int, str]:
    """The units whose collective or people the person may put forward, by id."""
    today = organisation_calendar(tx, period_of(tx, period_id).organisation_id).day_of(now)
    mine = list(tx.scalars(units_held(), {"reports_for": holding(tx, person_id, today).reports_for}))
    rows = tx.execute(select(units.c.id, units.c.name).where(units.c.id.in_(mine)).order_by(units.c.name))
    return {row.id: row.name for row in rows}


def nominations_of(tx: Connection, period_id: int) -> list[Nomination]:
    """The period's nominations, in that order, with the council's motions."""
    asked = {
        motion.subject: motion for sitting in ad_hoc_sittings(tx, period_id) for motion in sitting.motions
    }
    rows = tx.execute(
        select(nominations, units.c.name.label("unit"), persons.c.name.label("person"))
        .outerjoin(units, units.c.id == nominations.c.unit_id)
        .join(persons, persons.c.id == nominations.c.person_id)
        .where(nominations.c.period_id == period_id)
        .order_by(nominations.c.id)
    )
    return [
        Nomination(
            row.id,
            NominationKind(row.kind),
            row.award,
            row.unit_id,
            row.unit or row.outside,
            row.name,
            row.title,
            row.text,
            row.why,
            row.evidence,
            row.person,
            row.at,
            asked.get(f"{AD_HOC}{row.id}"),
        )
        for row in rows
    ]


def ad_hoc_sittings(tx: Connection, period_id: int) -> list[Sitting]:
    """The council's sittings about nominations."""
    return [one for one in sittings_of(tx, period_id, COMMENDATIONS) if is_ad_hoc(one)]


def is_ad_hoc(sitting: Sitting) -> bool:
    """Whether the sitting is about nominations, not about those the period's rules propose."""
    return any(one.subject.startswith(AD_HOC) for one in sitting.motions)


def open_nomination_vote(
    tx: Connection, person_id: int, period_id: int, ids: Collection[int], until: date, now: datetime
) -> int:
    """Puts those nominations to the council, at any time; returns the sitting's id. Where the period is not
    scored, the majority is that of the votes on its items."""
    hold_period(tx, period_id)
    found = [one for one in nominations_of(tx, period_id) if one.id in ids and one.motion is None]
    if len(found) != len(set(ids)):
        raise NotAllowed(Words("Danh sách vừa thay đổi."), cure=Words("Mở lại trang rồi chọn lại."))
    scoring = pinned_rules(tx, period_id).scores
    council = scoring.council if scoring else Council()
    rule = council.rule() if scoring else period_of(tx, period_id).rules.approval
    asked = [
        NewMotion(
            one.subject,
            f"{one.award or one.kind.label}: {one.who}",
            {
                "award": one.award,
                "whom": "person" if one.kind is NominationKind.PERSON else "unit",
                "who": one.who,
                "title": one.title,
                "unit": one.body,
                "lines": [],
                "reason": "\n".join(filter(None, (one.text, one.why))),
                "evidence": one.evidence,
            },
            rule,
        )
        for one in found
    ]
    is_secret = council.secret_commendations
    return open_sitting(tx, person_id, period_id, COMMENDATIONS, asked, until, now, is_secret=is_secret)
