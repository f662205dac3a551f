"""The closed figures of an organisation's subordinates, summed for their superior.

Only counts of closed periods, codes and contents of items, and targets' values go up: no draft, no report's
text, no ballot. What matches no item of the superior's plan is counted apart and listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, select

from workflow.domain.periods.period import Span
from workflow.domain.plans.sections import SectionPath, section_paths
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.comparing import NONE, Compared, ComparedRow, Grouping, compared
from workflow.domain.results.figures import Aggregation, Figure, made_one
from workflow.domain.results.record import ItemKind
from workflow.domain.results.rollup import UNKNOWN_UNIT, Tally, section_totals
from workflow.domain.vietnamese import alphabetical
from workflow.domain.words import Words
from workflow.storage.people.subordinates import Organisation, subordinates
from workflow.storage.periods.periods import periods_within
from workflow.storage.results.rollups import (
    LEADER,
    Chosen,
    each_item,
    every_report,
    hung,
    names_of_leaders,
    section_places,
    tallies,
    units_of,
)
from workflow.storage.tables import cycles, item_matches, items, kept_leaders, plans

UNMATCHED = Words("Nội dung không khớp với kế hoạch của cấp trên")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An item of a subordinate that is none of the superior's."""

    organisation: str
    code: str
    content: str


@dataclass(frozen=True, slots=True)
class SharedTarget:
    """A target that several subordinates have: of how many, how many reached it. Counts are added, in `value`
    and `expected`; a rate is never: its `value` is the mean, by weight where each has one."""

    code: str
    text: str
    measure: str
    count: int
    reached: int
    value: Decimal | None
    expected: Decimal | None
    lowest: Decimal
    highest: Decimal


@dataclass(frozen=True, slots=True)
class Below:
    """The sums of the subordinates' closed periods in a span. `missing` are those that closed none in it."""

    span: Span
    by: Grouping
    rows: tuple[Compared, ...]
    whole: Compared
    counted: tuple[Organisation, ...]
    missing: tuple[Organisation, ...]
    unmatched: tuple[Unmatched, ...]
    targets: tuple[SharedTarget, ...]


_Paths = dict[str, tuple[SectionPath, int]] | None
"""The headings and the position of each item of the superior's plan; None where it has no plan and codes
match each other."""


@dataclass(frozen=True, slots=True)
class _Sums:
    items: Chosen
    reports: Chosen
    year: int

    def source(self, chosen: Chosen) -> tuple[FromClause, ColumnElement[str]]:
        """The rows with their matches, and the superior's code of each."""
        own, of = chosen.rows.c, item_matches.c
        on = and_(of.organisation_id == own.organisation_id, of.code == own.code, of.year == self.year)
        return chosen.rows.outerjoin(item_matches, on), func.coalesce(of.superior_code, own.code)


def figures_below(
    tx: Connection, superior_id: int, span: Span, by: Grouping, only: Iterable[int] = ()
) -> Below | None:
    """The subordinates' figures by the grouping, of all or of `only` some; None where there are none."""
    wanted = set(only)
    under = [one for one in subordinates(tx, superior_id) if not wanted or one.id in wanted]
    ids = [one.id for one in under]
    now = _sums(tx, ids, span)
    if now is None:
        return None
    is_year = span.previous == span.year_ago
    others = [_sums(tx, ids, span.previous), None if is_year else _sums(tx, ids, span.year_ago)]
    above = _plan_above(tx, superior_id, span.year)
    before, year_ago = (None if one is None else _groups(tx, one, by, under, above) for one in others)
    rows = compared(_groups(tx, now, by, under, above), before, year_ago)
    earlier = (None if one is None else _whole(tx, one).items for one in others)
    with_figures = {key[0] for key in tallies(tx, now.reports, now.reports.rows.c.organisation_id)}
    return Below(
        span,
        by,
        tuple(rows),
        Compared(_whole(tx, now), *earlier),
        tuple(one for one in under if one.id in with_figures),
        tuple(one for one in under if one.id not in with_figures),
        tuple(_unmatched(tx, now, under, above)),
        tuple(_targets(tx, now, above)),
    )


def _sums(tx: Connection, organisation_ids: Sequence[int], span: Span) -> _Sums | None:
    closed, _ = periods_within(tx, organisation_ids, span)
    ids = [one.id for one in closed]
    return _Sums(each_item(tx, ids), every_report(ids), span.year) if ids else None


def _plan_above(tx: Connection, superior_id: int, year: int) -> _Paths:
    plan_id = tx.scalar(
        select(func.max(plans.c.id)).where(plans.c.organisation_id == superior_id, plans.c.year == year)
    )
    if plan_id is None:
        return None
    rows = tx.execute(
        select(items.c.code, items.c.section_codes, items.c.section_titles, items.c.position)
        .where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
        .order_by(items.c.position)
    ).all()
    paths = section_paths((row.section_codes, row.section_titles) for row in rows)
    return {row.code: (path, row.position) for row, path in zip(rows, paths, strict=True)}


def _whole(tx: Connection, sums: _Sums) -> ComparedRow:
    items_, reports = (
        sum(tallies(tx, one, one.rows.c.organisation_id).values(), NONE) for one in (sums.items, sums.reports)
    )
    return ComparedRow("", "", Words("Tổng số"), 1, items_, reports)


def _groups(
    tx: Connection, sums: _Sums, by: Grouping, under: Sequence[Organisation], above: _Paths
) -> list[ComparedRow]:
    named = {one.id: one.name for one in under}
    found, reports = (_by(tx, sums, one, by, named, above) for one in (sums.items, sums.reports))
    of = {key: own for key, _, _, _, own in reports}
    return [
        ComparedRow(key, code, name, depth, own, of.get(key, NONE)) for key, code, name, depth, own in found
    ]


_Row = tuple[str, str, str, int, Tally]


def _by(
    tx: Connection, sums: _Sums, chosen: Chosen, by: Grouping, named: dict[int, str], above: _Paths
) -> list[_Row]:
    own = chosen.rows.c
    match by:
        case Grouping.ORGANISATION:
            found = tallies(tx, chosen, own.organisation_id)
            rows = [(str(key[0]), "", named[key[0]], 1, one) for key, one in found.items()]
        case Grouping.UNIT:
            known = units_of(tx, chosen)
            found = tallies(tx, chosen, own.organisation_id, own.lead_unit_id)
            rows = [
                (f"{of}-{unit}", "", f"{known.get(unit, UNKNOWN_UNIT).name} – {named[of]}", 1, one)
                for (of, unit), one in found.items()
            ]
        case Grouping.LEADER:
            source = hung(chosen, kept_leaders)
            found = tallies(tx, chosen, own.organisation_id, *LEADER, source=source)
            refs = names_of_leaders(tx, found)
            rows = [
                (f"{key[0]}-{refs[key].key}", "", f"{refs[key].name} – {named[key[0]]}", 1, one)
                for key, one in found.items()
            ]
        case Grouping.KIND:
            found = tallies(tx, chosen, own.kind)
            return [
                (kind.value, "", kind.label, 1, found[kind.value,])
                for kind in ItemKind
                if (kind.value,) in found
            ]
        case Grouping.SECTION:
            return _sections(tx, sums, chosen, above)
    return sorted(rows, key=lambda row: (alphabetical(row[2]), row[0]))


def _sections(tx: Connection, sums: _Sums, chosen: Chosen, above: _Paths) -> list[_Row]:
    """By the superior's sections, what matches none of its items last; without a plan of the superior's by
    the subordinates' own."""
    if above is None:
        own = tallies(tx, chosen, chosen.rows.c.section_codes, chosen.rows.c.section_titles)
        places = section_places(tx, chosen)
        direct = [(codes, titles, places[codes, titles], one) for (codes, titles), one in own.items()]
        apart = NONE
    else:
        source, code = sums.source(chosen)
        found = {key: one for (key,), one in tallies(tx, chosen, code, source=source).items()}
        stands = {key: above[key] for key in found if key in above}
        direct = [(path.codes, path.titles, at, found[key]) for key, (path, at) in stands.items()]
        apart = sum((one for key, one in found.items() if key not in above), NONE)
    rows = [(one.code, one.code, one.title, one.depth, one.tally) for one in section_totals(direct)]
    return [*rows, ("~", "", UNMATCHED, 1, apart)] if apart != NONE else rows


def _unmatched(
    tx: Connection, sums: _Sums, under: Sequence[Organisation], above: _Paths
) -> Iterable[Unmatched]:
    if above is None:
        return
    named = {one.id: one.name for one in under}
    source, code = sums.source(sums.items)
    own = sums.items.rows.c
    rows = tx.execute(
        select(own.organisation_id, own.code, items.c.content, items.c.position)
        .select_from(
            source.join(cycles, cycles.c.id == own.cycle_id).join(items, items.c.id == cycles.c.item_id)
        )
        .where(code.not_in(list(above)))
    ).all()
    for row in sorted(rows, key=lambda row: (alphabetical(named[row.organisation_id]), row.position)):
        yield Unmatched(named[row.organisation_id], row.code, row.content)


def _targets(tx: Connection, sums: _Sums, above: _Paths) -> Iterable[SharedTarget]:
    """In the order of the superior's plan; what that does not have comes last, by the subordinates' own."""
    matches: dict[tuple[int, str], str] = {
        (row.organisation_id, row.code): row.superior_code
        for row in tx.execute(select(item_matches).where(item_matches.c.year == sums.year))
    }
    shared: dict[tuple[str, int, str], list[Figure]] = {}
    for one in sums.items.figures or ():
        code = matches.get((one.organisation_id, one.code), one.code)
        if code and one.figure.so_far is not None:
            shared.setdefault((code, one.place, one.figure.measure), []).append(one.figure)
    their = _positions(tx, sums)

    def stands(key: tuple[str, int, str]) -> tuple[bool, int, str, int]:
        code, place, _ = key
        own = (above or {}).get(code)
        return own is None, own[1] if own else their.get(code, 0), code, place

    for key in sorted(shared, key=stands):
        yield _shared(key[0], key[2], shared[key])


def _positions(tx: Connection, sums: _Sums) -> dict[str, int]:
    """Where the first of the items that share a code of the superior's stands in its own plan."""
    source, code = sums.source(sums.items)
    rows = tx.execute(
        select(code, func.min(items.c.position))
        .select_from(source.join(items, items.c.id == sums.items.rows.c.item_id))
        .group_by(code)
    )
    return dict(rows.all())


def _shared(code: str, measure: str, own: Sequence[Figure]) -> SharedTarget:
    values = [(one.so_far, one.weight) for one in own if one.so_far is not None]
    reached = sum(one.is_reached for one in own)
    plain = [value for value, _ in values]
    way = _over_organisations({one.kind for one in own})
    return SharedTarget(
        code,
        min(one.text for one in own),
        measure,
        len(own),
        reached,
        made_one(way, values),
        sum((one.expected for one in own), Decimal(0)) if way is Aggregation.SUM else None,
        min(plain),
        max(plain),
    )


def _over_organisations(kinds: set[TargetKind]) -> Aggregation:
    """How the values of organisations are put together. Where they take one target for different kinds,
    nothing is added that one of them says never adds up."""
    if all(kind.is_added_below for kind in kinds):
        return Aggregation.SUM
    return Aggregation.HIGHEST if kinds == {TargetKind.DATE} else Aggregation.MEAN
