"""Stored rules: an organisation's versions, those in force, and those pinned for a period; no other module
reads their rows. Which period has which is a column of `periods`; what rules mean is `workflow.domain`."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from workflow.domain.calendar import Calendar
from workflow.domain.errors import NotFound, WrongSetting
from workflow.domain.periods.days_off import DayKind, OwnDay, calendar_with
from workflow.domain.rules.layers import layered
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.rules.schema import SchemaFault, unknown_units
from workflow.domain.scores.scoring_rules import ScoringRules
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import periods, rules, units
from workflow.storage.writing import insert_new

_PINNED: dict[str, Rules] = {}


def pinned(sha256: str, routing: dict[str, Any], layers: tuple[int, ...] = ()) -> Rules:
    """The routing rules of a stored version, with those overrides laid over them. Cached by the version's
    hash: each is parsed once per process."""
    if sha256 not in _PINNED:
        _PINNED[sha256] = Rules.from_json(routing)
    found = _PINNED[sha256]
    return layered(found, layers) if layers else found


def own_days_of(days_off: Iterable[dict[str, Any]], days_worked: Iterable[dict[str, Any]]) -> list[OwnDay]:
    """The organisation's own days, sorted, from their stored JSON."""
    stored = [(DayKind.OFF, one) for one in days_off] + [(DayKind.WORKED, one) for one in days_worked]
    return sorted(
        OwnDay(
            date.fromisoformat(one["day"]),
            kind,
            one["reason"],
            datetime.fromisoformat(one["at"]),
            one.get("is_late", False),
        )
        for kind, one in stored
    )


def own_days_as_json(days: Iterable[OwnDay], kind: DayKind) -> list[dict[str, Any]]:
    """The days of that kind as `own_days_of` reads them."""
    return [
        {
            "day": one.day.isoformat(),
            "reason": one.reason,
            "at": one.entered_at.isoformat(),
            **({"is_late": True} if one.is_late else {}),
        }
        for one in days
        if one.kind is kind
    ]


def calendar_of(
    zone: str, days_off: Iterable[dict[str, Any]], days_worked: Iterable[dict[str, Any]]
) -> Calendar:
    """The organisation's calendar from its stored days."""
    return _calendar(zone, tuple(own_days_of(days_off, days_worked)))


@lru_cache(maxsize=256)
def _calendar(zone: str, days: tuple[OwnDay, ...]) -> Calendar:
    # One value for all who ask: what is counted with it is cached by it.
    return calendar_with(zone, days)


def scoring_of(kept: dict[str, Any]) -> ScoringRules:
    """The scoring rules as pinned: their file's own text, so that nothing is rounded on the way."""
    return _scoring_of_text(kept["toml"])


@lru_cache(maxsize=64)
def _scoring_of_text(toml: str) -> ScoringRules:
    return ScoringRules.from_dict(tomllib.loads(toml, parse_float=Decimal))


@dataclass(frozen=True, slots=True)
class PinnedRules:
    """A stored version of the rules; `scoring` is empty where nothing is scored."""

    id: int
    name: str
    version: str
    sha256: str
    saved_at: datetime
    routing: Rules
    scoring: dict[str, Any]

    @property
    def scores(self) -> ScoringRules | None:
        """The scoring rules; None where nothing is scored."""
        return scoring_of(self.scoring) if self.scoring else None


_OF_PERIOD = (
    select(rules).join(periods, periods.c.rules_id == rules.c.id).where(periods.c.id == bindparam("period"))
)
_ROUTING_OF_PERIOD = _OF_PERIOD.with_only_columns(rules.c.sha256, rules.c.routing)


def rules_of(tx: Connection, period_id: int) -> Rules:
    """The routing rules pinned for a period."""
    row = tx.execute(_ROUTING_OF_PERIOD, {"period": period_id}).one()
    return pinned(row.sha256, row.routing)


def pinned_rules(tx: Connection, period_id: int) -> PinnedRules:
    """The rules pinned for a period, scoring included."""
    return _version(tx.execute(_OF_PERIOD, {"period": period_id}).one())


def pinned_scoring(tx: Connection, period_id: int) -> ScoringRules:
    """The scoring rules of a period; raises NotFound where it is not scored."""
    found = pinned_rules(tx, period_id).scores
    if found is None:
        raise NotFound(Words("Kỳ này không chấm điểm."))
    return found


def rules_version(tx: Connection, rules_id: int) -> PinnedRules:
    """The version of that id."""
    return _version(tx.execute(select(rules).where(rules.c.id == rules_id)).one())


def rules_versions(tx: Connection, organisation_id: int) -> list[PinnedRules]:
    """The versions of the rules the organisation keeps, the one used or adopted last first."""
    last = (
        select(periods.c.rules_id, func.max(periods.c.opened_at).label("at"))
        .group_by(periods.c.rules_id)
        .subquery()
    )
    rows = tx.execute(
        select(rules, last.c.at)
        .outerjoin(last, last.c.rules_id == rules.c.id)
        .where(rules.c.organisation_id == organisation_id)
    )
    latest = sorted(rows, key=lambda row: (max(row.saved_at, row.at or row.saved_at), row.id), reverse=True)
    return [_version(row) for row in latest]


def _version(row: Any) -> PinnedRules:
    routing = pinned(row.sha256, row.routing)
    return PinnedRules(row.id, row.name, row.version, row.sha256, row.saved_at, routing, row.scoring)


def save_rules(
    tx: Connection, organisation_id: int, routing: Rules, scoring: dict[str, Any], now: datetime
) -> int:
    """Stores a version of the rules (the same content is the same version) and returns its id. Raises
    WrongSetting where they are for the items of a unit that the directory does not have."""
    for fault in units_not_known(tx, organisation_id, routing):
        raise WrongSetting(fault.what, where=fault.where, cure=fault.cure)
    body = {"routing": routing.as_json(), "scoring": scoring}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    insert_new(
        tx,
        rules,
        [
            {
                "organisation_id": organisation_id,
                "name": routing.name,
                "version": routing.version,
                "sha256": digest,
                "saved_at": now,
                **body,
            }
        ],
        ["organisation_id", "sha256"],
    )
    rules_id: int = tx.execute(
        select(rules.c.id).where(rules.c.organisation_id == organisation_id, rules.c.sha256 == digest)
    ).scalar_one()
    return rules_id


def units_not_known(tx: Connection, organisation_id: int, routing: Rules) -> list[SchemaFault]:
    """The faults of rules for the items of a unit that the organisation's directory does not have."""
    if not any(one.unit for one in routing.overrides):
        return []
    known = tx.scalars(
        select(units.c.slug).where(units.c.organisation_id == organisation_id, units.c.is_active)
    )
    return unknown_units(routing, known)


def adopt_rules(
    tx: Connection,
    organisation_id: int,
    routing: Rules,
    scoring: dict[str, Any],
    now: datetime,
    person_id: int | None = None,
) -> int:
    """Makes these the rules that the next periods open by, and returns their id; open periods keep theirs."""
    rules_id = save_rules(tx, organisation_id, routing, scoring, now)
    tx.execute(update(rules).where(rules.c.id == rules_id).values(saved_at=now))
    record(tx, organisation_id, now, AuditEntry("rules-adopted", person_id, {"rules": rules_id}))
    return rules_id


def rules_in_force(tx: Connection, organisation_id: int) -> tuple[int, Rules] | None:
    """The rules that the organisation's next period opens by: those of the period opened last or, where
    some were saved after that, the newest of these. None where no rules are stored."""
    newest = tx.execute(
        select(rules.c.id, rules.c.sha256, rules.c.routing, rules.c.saved_at)
        .where(rules.c.organisation_id == organisation_id)
        .order_by(rules.c.saved_at.desc(), rules.c.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    last = tx.execute(
        select(rules.c.id, rules.c.sha256, rules.c.routing)
        .join(periods, periods.c.rules_id == rules.c.id)
        .where(rules.c.organisation_id == organisation_id, periods.c.opened_at >= newest.saved_at)
        .order_by(periods.c.opened_at.desc(), periods.c.id.desc())
        .limit(1)
    ).first()
    row = last or newest
    return row.id, pinned(row.sha256, row.routing)
