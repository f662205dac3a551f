"""Two voting bodies over a database: each votes on its own, and opening asks where two could be meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.builders import (
    NOW,
    Opened,
    a_directory,
    a_plan,
    a_store,
    an_item,
    an_open_period,
    stage_of,
    submitted,
    voted,
)
from tests.storage.opening.test_schedule import AUTOMATIC, a_year, kept
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.people.bodies import UnclearBody, VotedMatter
from workflow.domain.people.directory import BodyKind, Directory, Person, Role, Unit
from workflow.domain.rules.routing_rules import BodiesRule, ReportApproval, ReportRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.reports.issuing import begin_by_hand
from workflow.reports.period_reports import heading_of
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.periods.periods import period_of
from workflow.storage.reports import approvals
from workflow.storage.results.closing import close_period
from workflow.storage.scores.entries import council_of
from workflow.storage.tables import rules as rules_table

COUNCIL = Unit("hdtd", "Hội đồng Thi đua", is_committee=True, body=BodyKind.COUNCIL)
OF_COUNCIL = ("chu-tich-hd", "uy-vien-hd-1", "uy-vien-hd-2")


def two_bodies(kind: BodyKind = BodyKind.COUNCIL) -> Directory:
    """The ward's standing committee of five and, before it in the directory, a council of three."""
    base = a_directory()
    people = tuple(
        Person(box, f"{box}@hoaxuan.example", "", (("hdtd", Role.MEMBER if place else Role.CHAIR),))
        for place, box in enumerate(OF_COUNCIL)
    )
    return replace(base, units=(replace(COUNCIL, body=kind), *base.units), persons=(*people, *base.persons))


def opened_with(store: Store, rules: Rules | None = None, directory: Directory | None = None) -> Opened:
    items = [replace(an_item(n), coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    return an_open_period(
        store, plan=a_plan(items=items), directory=directory or two_bodies(), rules=rules or Rules()
    )


def closed(opened: Opened) -> None:
    for cycle in opened.cycles:
        submitted(opened, cycle, progress=100)
        voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, NOW + timedelta(days=60), is_early=True)


def test_three_of_the_five_members_pass_an_item_and_no_member_of_the_council_votes_on_it(store):
    opened = opened_with(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle, progress=100)
    with pytest.raises(NotAllowed):
        voted(opened, cycle, "uy-vien-hd-1")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.APPROVED


def test_the_chair_of_a_body_presides_over_that_body_however_the_directory_is_ordered(store):
    opened = opened_with(store)
    with store.reading() as tx:
        period = period_of(tx, opened.period_id)
        signer = heading_of(tx, opened.period_id).signer
    assert (period.chair, signer) == (opened.person("bi-thu"), "Hoàng Văn Thành")
    assert period.body_of(VotedMatter.SCORES).roll.chair == opened.person("chu-tich-hd")


def test_scores_and_commendations_go_to_the_council_alone(store):
    opened = opened_with(store)
    council = {opened.person(box) for box in OF_COUNCIL}
    with store.reading() as tx:
        asked = [{one for one, _ in council_of(tx, opened.period_id, matter)} for matter in VotedMatter]
    assert asked[2:] == [council, council]
    assert not (asked[0] | asked[1]) & council


@pytest.mark.parametrize("by", [ReportApproval.CHAIR, ReportApproval.COMMITTEE])
def test_the_report_goes_to_the_body_the_rules_name_or_to_its_chair(store, by):
    rules = Rules(bodies=BodiesRule(report="hdtd"), report=ReportRule(approval=by))
    opened = opened_with(store, rules)
    with store.begin() as tx:
        tx.execute(rules_table.update().values(scoring=read_scoring(scoring_path())))
    closed(opened)
    with store.begin() as tx:
        office = opened.person("van-phong")
        issue = begin_by_hand(tx, opened.period_id, office, NOW + timedelta(days=60))
        asked = approvals.ask(tx, issue.id, 1, office, NOW + timedelta(days=60))
    wanted = OF_COUNCIL[:1] if by is ReportApproval.CHAIR else OF_COUNCIL
    assert asked.roll.members == {opened.person(box) for box in wanted}


def test_where_two_committees_could_be_meant_no_period_opens_and_the_question_names_both(store):
    with pytest.raises(UnclearBody, match=r"Hội đồng Thi đua \(mã hdtd\).*Ban Thường vụ.*\(mã btv\)"):
        opened_with(store, directory=two_bodies(BodyKind.COMMITTEE))


def test_a_period_that_opens_by_itself_asks_the_office_and_opens_once_the_rules_say(store):
    plan_id = a_year(store, directory=two_bodies(BodyKind.COMMITTEE))
    found = kept(store, plan_id, date(2026, 3, 2))
    assert found.opened == ()
    assert "Hội đồng Thi đua (mã hdtd)" in found.troubles[0]
    with store.begin() as tx:
        tx.execute(
            rules_table.update().values(
                routing=replace(AUTOMATIC, bodies=BodiesRule(items="btv")).as_json(), sha256="1" * 64
            )
        )
    assert len(kept(store, plan_id, date(2026, 3, 3)).opened) == 1


def test_a_body_without_members_opens_no_period(store):
    directory = two_bodies()
    nobody = replace(directory, persons=tuple(one for one in directory.persons if "-hd" not in one.email))
    with pytest.raises(TiendoError, match=r"Hội đồng Thi đua.*chưa có thành viên"):
        opened_with(store, directory=nobody)


@settings(max_examples=15)
@given(
    some.lists(some.lists(some.integers(0, 6), min_size=1, max_size=5, unique=True), min_size=1, max_size=3),
    some.lists(some.sampled_from(BodyKind), min_size=3, max_size=3),
)
def test_bodies_never_merge_the_roll_of_an_item_is_the_members_of_exactly_one_body(
    seats: list[list[int]], kinds: list[BodyKind]
) -> None:
    bodies = [
        Unit(f"ban-{n}", f"Ban {n}", is_committee=True, body=kind)
        for n, (_, kind) in enumerate(zip(seats, kinds, strict=False))
    ]
    people = [
        Person(
            f"Người {who}",
            f"nguoi-{who}@hoaxuan.example",
            "",
            tuple((f"ban-{n}", Role.MEMBER) for n, among in enumerate(seats) if who in among),
        )
        for who in range(7)
    ]
    base = a_directory(n_members=0)
    units = tuple(one for one in base.units if not one.is_committee)
    directory = replace(base, units=(*units, *bodies), persons=(*base.persons, *people))
    with TemporaryDirectory() as folder:
        store = a_store(Path(folder))
        try:
            opened = opened_with(store, directory=directory)
        except UnclearBody:
            return
        with store.reading() as tx:
            routed = load(tx, opened.cycles, is_for_writing=False)
        electorates = [{opened.person(f"nguoi-{who}") for who in among} for among in seats]
        assert all(set(one.facts.roll.members) in electorates for one in routed.values())
