"""Commendations beyond the period: put forward at any time, of others too; voted on; submitted upwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import NOW, Opened
from tests.storage.scores.test_scores import LATER, closed, scored
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed
from workflow.storage.personal.held_about import held_about
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.scores.award_requests import NewRequest, draw_up, requests_of
from workflow.storage.scores.commendations import is_put_to_vote
from workflow.storage.scores.nominations import (
    NewNomination,
    NominationKind,
    ad_hoc_sittings,
    nominate,
    nominations_of,
    open_nomination_vote,
)
from workflow.storage.scores.sittings import cast
from workflow.storage.store import Store

ELSEWHERE = NewNomination(
    NominationKind.PERSON,
    "Giấy khen",
    None,
    "Chi hội khu phố 3",
    "Lê Thị Mỹ",
    "Chi hội trưởng",
    "Cứu người",
    "Bão",
)


def put(opened: Opened, new: NewNomination = ELSEWHERE, by: str = "van-phong") -> int:
    with opened.store.begin() as tx:
        return nominate(tx, opened.person(by), opened.period_id, new, LATER)


def voted(opened: Opened, entry: int, choice: Choice) -> None:
    with opened.store.begin() as tx:
        office = opened.person("van-phong")
        number = open_nomination_vote(tx, office, opened.period_id, [entry], LATER.date(), LATER)
        (sitting,) = [one for one in ad_hoc_sittings(tx, opened.period_id) if one.id == number]
    for box in ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3"):
        with opened.store.begin() as tx:
            cast(tx, opened.person(box), number, {one.id: choice for one in sitting.motions}, LATER)


def submitted(opened: Opened, *entries: int, number: str = "") -> int:
    with opened.store.begin() as tx:
        new = NewRequest("UBND thành phố", "Căn cứ…", ["Như trên"], entries, number, LATER.date())
        return draw_up(tx, opened.person("van-phong"), opened.period_id, new, LATER)


def test_somebody_outside_the_units_is_put_forward_voted_on_and_submitted(store: Store) -> None:
    opened = closed(store)
    entry = put(opened)
    voted(opened, entry, Choice.APPROVE)
    submitted(opened, entry, number="05-TTr/ĐU")
    with store.reading() as tx:
        (one,) = nominations_of(tx, opened.period_id)
        (request,) = requests_of(tx, opened.period_id)
        assert not is_put_to_vote(tx, opened.period_id)
        assert check_facts(tx)[1] == []
    assert one.motion
    assert one.motion.is_carried
    assert [(line.who, line.body) for line in request.lines] == [("Lê Thị Mỹ", "Chi hội khu phố 3")]
    with pytest.raises(Conflict):
        submitted(opened, entry, number="5-TTr/ĐU")


def test_what_the_council_refused_is_not_submitted(store: Store) -> None:
    opened = closed(store)
    entry = put(opened)
    voted(opened, entry, Choice.RETURN)
    with pytest.raises(NotAllowed, match="Lê Thị Mỹ"):
        submitted(opened, entry)


def test_a_unit_puts_forward_its_own_in_an_open_period_and_nobody_elses(store: Store) -> None:
    opened = scored(store)
    mine = replace(ELSEWHERE, unit_id=opened.units["ubnd"], outside="")
    assert put(opened, mine, by="ubnd")
    with pytest.raises(NotAllowed):
        put(opened, mine, by="mttq")
    with pytest.raises(NotAllowed):
        put(opened, ELSEWHERE, by="ubnd")


def test_a_model_says_why_it_is_worth_copying(store: Store) -> None:
    opened = scored(store)
    model = replace(ELSEWHERE, kind=NominationKind.MODEL, name="Camera an ninh", award="", why="")
    with pytest.raises(NotAllowed, match="nhân rộng"):
        put(opened, model)
    assert put(opened, replace(model, why="Ít tốn kém"))


def test_what_is_held_of_a_person_includes_their_nominations(store: Store) -> None:
    opened = closed(store)
    with store.reading() as tx:
        name = tx.exec_driver_sql(f"select name from persons where id = {opened.person('ubnd')}").scalar_one()
    entry = put(opened, replace(ELSEWHERE, name=name))
    submitted(opened, entry)
    with store.reading() as tx:
        organisation = tx.exec_driver_sql("select min(id) from organisations").scalar_one()
        found = held_about(tx, organisation, opened.person("ubnd"), NOW)
    assert f"{found}".count("Cứu người") >= 2
