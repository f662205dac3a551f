"""The API's list of commendations: reasons, the council's votes as far as they may be seen, its result."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.builders import NOW, a_plan, an_item, submitted, voted
from tests.web.asking import System, a_key, a_system
from workflow.domain.cycles.cycle import Choice
from workflow.domain.events import KeyScope
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.results.closing import close_period
from workflow.storage.scores.commendation_lists import open_vote, proposals
from workflow.storage.scores.sitting_lists import sittings_of
from workflow.storage.scores.sittings import cast
from workflow.storage.tables import rules

CLOSED = NOW + timedelta(days=60)
COUNCIL = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
SCORING = read_scoring(scoring_path())
SECRET = SCORING["toml"].replace("secret_commendations = false", "secret_commendations = true")


def a_scored_system(folder: Path, toml: str = SCORING["toml"]) -> System:
    """A closed quarter in which the people's committee did all its work in time, the Youth Union none."""
    items = [an_item(n, coordinating_ids=(), coordinating_units=()) for n in (1, 3)]
    idle = replace(items[0], code="I.1.9", lead_ids=("doan",), lead_units=("Đoàn TNCS Hồ Chí Minh phường",))
    system = a_system(folder, plan=a_plan(items=[*items, idle]))
    opened = system.opened
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring={**SCORING, "toml": toml}))
    for cycle in opened.cycles[:2]:
        submitted(opened, cycle, progress=100)
        voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
    return system


def ask_council(system: System) -> None:
    opened = system.opened
    with opened.store.begin() as tx:
        subjects = [one.subject for one in proposals(tx, opened.period_id, CLOSED).open_to_vote]
        until = (CLOSED + timedelta(days=4)).date()
        open_vote(tx, opened.person("van-phong"), opened.period_id, subjects, until, CLOSED)


def vote(system: System, *boxes: str) -> None:
    opened = system.opened
    with opened.store.begin() as tx:
        (sitting,) = sittings_of(tx, opened.period_id)
        for box in boxes:
            choices = {one.id: Choice.APPROVE for one in sitting.motions}
            cast(tx, opened.person(box), sitting.id, choices, CLOSED)


def listed(system: System) -> list[dict[str, Any]]:
    answer = system.ask(f"/periods/{system.opened.period_id}/commendations")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def proposed(system: System) -> dict[str, Any]:
    return next(one for one in listed(system) if one["is_proposed"])


def test_each_proposal_comes_with_its_reasons_and_so_does_who_is_not_proposed(tmp_path: Path) -> None:
    system = a_scored_system(tmp_path)
    one = proposed(system)
    assert (one["who"], one["vote"]) == ("UBND phường", None)
    assert one["grounds"]
    assert all(ground["is_met"] for ground in one["grounds"])
    others = [one for one in listed(system) if not one["is_proposed"]]
    assert others
    assert all(any(not ground["is_met"] for ground in other["grounds"]) for other in others)


def test_while_the_council_is_asked_nothing_is_told_but_how_many_have_voted(tmp_path: Path) -> None:
    system = a_scored_system(tmp_path)
    ask_council(system)
    vote(system, "bi-thu")
    found = proposed(system)["vote"]
    assert (found["members"], found["voted"]) == (5, 1)
    assert [found[name] for name in ("closed_at", "is_carried", "count", "ballots")] == [None] * 4


def test_the_result_is_told_to_all_and_who_voted_how_to_a_key_that_may_see_it(tmp_path: Path) -> None:
    system = a_scored_system(tmp_path)
    ask_council(system)
    vote(system, *COUNCIL)
    found = proposed(system)["vote"]
    assert found["is_carried"] is True
    assert found["count"] == {"approve": 5, "return": 0, "abstain": 0, "missing": 0}
    assert "Hoàng Văn Thành" in [one["person"] for one in found["ballots"]]
    reader = System(system.visit, a_key(system.opened, KeyScope.READ))
    assert proposed(reader)["vote"] == {**found, "ballots": None}


def test_a_secret_ballot_stays_secret_whatever_the_key(tmp_path: Path) -> None:
    system = a_scored_system(tmp_path, SECRET)
    ask_council(system)
    vote(system, *COUNCIL)
    found = proposed(system)["vote"]
    assert (found["is_secret"], found["is_carried"], found["ballots"]) == (True, True, None)


def test_a_period_whose_rules_score_nothing_has_none(tmp_path: Path) -> None:
    assert a_system(tmp_path).ask("/periods/1/commendations").json() == {
        "kept_at": None,
        "version": 0,
        "entries": [],
    }
