"""Commands where several organisations live in one deployment: each says whose it is about, or asks."""

from __future__ import annotations

import json
import os
import pty
import select as ready
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.builders import NOW, Opened, a_directory, a_plan, a_store, an_open_period
from workflow.cli import app
from workflow.cli.choosing import WRONG_CALL
from workflow.domain.rules.routing_rules import Rules
from workflow.sample import plan_path, routing_path
from workflow.storage.people.directory import save_directory
from workflow.storage.periods.periods import latest_periods
from workflow.storage.plans.plans import plan_choices, running_plan, running_plans, save_plan
from workflow.storage.rules import rules_in_force, save_rules
from workflow.storage.tables import periods, plans

PARTY, CITY = "Đảng ủy phường Hòa Xuân", "Thành phố Đà Nẵng"


@dataclass(frozen=True, slots=True)
class Two:
    """Two organisations: the ward's first quarter is open; the city's plan was loaded after it."""

    folder: Path
    ward: Opened
    city: int
    city_plan: int


@pytest.fixture
def two(tmp_path: Path) -> Two:
    store = a_store(tmp_path)
    ward = an_open_period(store)
    with store.begin() as tx:
        city = save_directory(tx, a_directory(CITY))
        plan = save_plan(tx, city, a_plan(), NOW)
        save_rules(tx, city, Rules(), {}, NOW)
    return Two(tmp_path, ward, city, plan)


def said(folder: Path, *words: str) -> Any:
    """What the command says, run by a script: no terminal to ask at."""
    return CliRunner().invoke(app, [*words, "--data", str(folder)], catch_exceptions=False)


def opened(two: Two) -> list[tuple[int, str]]:
    """The plan and the code of every open period."""
    with two.ward.store.reading() as tx:
        return [tuple(row) for row in tx.execute(select(periods.c.plan_id, periods.c.code))]


def test_opening_a_period_never_opens_another_organisations(two: Two) -> None:
    answer = said(two.folder, "period", "open", "2026-Q2")
    assert answer.exit_code == WRONG_CALL
    assert opened(two) == [(two.ward.plan_id, "2026-Q1")]


def test_a_script_is_told_which_organisations_it_may_name(two: Two) -> None:
    told = " ".join(said(two.folder, "period", "open", "2026-Q2").stderr.split())
    assert "--organisation với một trong: dang-uy-phuong-hoa-xuan" in told
    assert "thanh-pho-da-nang (Thành phố Đà Nẵng)" in told


@pytest.mark.parametrize("name", [PARTY, "dang-uy-phuong-hoa-xuan"])
def test_the_organisation_named_opens_a_period_of_its_own_running_plan(two: Two, name: str) -> None:
    answer = said(two.folder, "period", "open", "2026-Q2", "--organisation", name)
    assert answer.exit_code == 0
    assert opened(two)[-1] == (two.ward.plan_id, "2026-Q2")


def test_a_plan_that_is_not_the_named_organisations_is_refused(two: Two) -> None:
    words = ["period", "open", "2026-Q2", "--plan", str(two.city_plan), "--organisation", PARTY]
    answer = CliRunner().invoke(app, [*words, "--data", str(two.folder)])
    assert "không có kế hoạch số" in str(answer.exception)


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "export", "-o", "ra.yaml"),
        ("rules", "adopt", "RULES"),
        ("report", "letterhead"),
        ("report", "reset-template"),
        ("api", "token", "create", "Kho dữ liệu"),
        ("api", "webhook", "add", "Kho", "https://example.org/tin"),
        ("rollup", "--period", "2026-Q1"),
    ],
)
def test_every_command_that_could_mean_either_organisation_asks(two: Two, words: tuple[str, ...]) -> None:
    given = [str(routing_path()) if word == "RULES" else word for word in words]
    answer = said(two.folder, *given)
    assert answer.exit_code == WRONG_CALL
    assert "thanh-pho-da-nang" in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("period", "close", "2026-Q1", "--early"),
        ("period", "minutes", "2026-Q1"),
        ("period", "verify", "2026-Q1"),
        ("period", "manifest", "2026-Q1"),
        ("report", "draw", "2026-Q1"),
        ("score", "list"),
        ("score", "diff"),
        ("commend", "list"),
        ("commend", "propose"),
    ],
)
def test_a_period_that_two_organisations_have_is_asked_for(two: Two, words: tuple[str, ...]) -> None:
    assert said(two.folder, "period", "open", "2026-Q1", "--organisation", CITY).exit_code == 0
    answer = said(two.folder, *words)
    assert answer.exit_code == WRONG_CALL
    assert "thanh-pho-da-nang" in answer.stderr


def test_a_close_that_names_its_organisation_leaves_the_others_period_open(two: Two) -> None:
    said(two.folder, "period", "open", "2026-Q1", "--organisation", CITY)
    told = said(two.folder, "period", "close", "2026-Q1", "--early", "--organisation", CITY, "--json")
    assert json.loads(told.stdout)["organisation"] == CITY
    with two.ward.store.reading() as tx:
        left = tx.scalars(select(periods.c.plan_id).where(periods.c.closed_at.is_(None))).all()
    assert left == [two.ward.plan_id]


def test_two_plans_of_one_organisation_with_the_same_period_are_told_apart_by_number(two: Two) -> None:
    with two.ward.store.begin() as tx:
        other = save_plan(tx, two.ward.organisation_id, a_plan(2), NOW)
    said(two.folder, "period", "open", "2026-Q1", "--plan", str(other))
    answer = said(two.folder, "period", "close", "2026-Q1", "--early")
    assert answer.exit_code == WRONG_CALL
    assert f"--plan với một trong: {two.ward.plan_id} (12-KH/ĐU), {other} (12-KH/ĐU)" in " ".join(
        answer.stderr.split()
    )


def test_rules_adopted_by_name_are_the_named_organisations(two: Two) -> None:
    assert said(two.folder, "rules", "adopt", str(routing_path()), "--organisation", PARTY).exit_code == 0
    with two.ward.store.reading() as tx:
        ward, city = rules_in_force(tx, two.ward.organisation_id), rules_in_force(tx, two.city)
    assert ward
    assert ward[1].schedule.automatic
    assert city
    assert city[1] == Rules()


def test_every_organisations_year_is_shown_though_another_has_a_later_one(two: Two) -> None:
    with two.ward.store.begin() as tx:
        save_plan(tx, two.city, a_plan(year=2027), NOW)
    told = json.loads(said(two.folder, "period", "plan", "--json").stdout)
    assert {(one["organisation"], one["year"]) for one in told} == {(CITY, 2027), (PARTY, 2026)}


def test_the_plan_amended_last_runs_and_stands_first_where_plans_are_listed(two: Two) -> None:
    store, own = two.ward.store, two.ward.organisation_id
    with store.begin() as tx:
        later = save_plan(tx, own, a_plan(2, year=2027), NOW.replace(day=3))
        tx.execute(plans.update().where(plans.c.id == two.ward.plan_id).values(loaded_at=NOW.replace(day=4)))
    with store.reading() as tx:
        running = running_plan(tx, own)
        listed = [plan_id for plan_id, _, _ in plan_choices(tx, own)]
        of_all = {head.organisation_id: head.id for head in running_plans(tx)}
    assert running
    assert running.id == two.ward.plan_id
    assert listed == [two.ward.plan_id, later]
    assert of_all == {own: two.ward.plan_id, two.city: two.city_plan}


def test_every_organisation_has_its_own_latest_period(two: Two) -> None:
    said(two.folder, "period", "open", "2026-Q1", "--organisation", CITY)
    said(two.folder, "period", "open", "2026-Q2", "--organisation", PARTY)
    with two.ward.store.reading() as tx:
        found = {one.organisation: one.code for one in latest_periods(tx)}
    assert found == {PARTY: "2026-Q2", CITY: "2026-Q1"}


def test_a_bare_document_is_read_against_no_directory_but_the_named_organisations(two: Two) -> None:
    answer = said(two.folder, "plan", "load", str(plan_path()), "--dry")
    assert answer.exit_code == WRONG_CALL
    assert "thanh-pho-da-nang" in answer.stderr


def test_a_file_with_a_directory_of_its_own_is_read_without_asking_whose(two: Two) -> None:
    file = two.folder / "ke-hoach.yaml"
    said(two.folder, "plan", "export", "-o", str(file), "--organisation", CITY)
    answer = said(two.folder, "plan", "load", str(file), "--dry")
    assert answer.exit_code != WRONG_CALL
    assert "--organisation" not in answer.output


def test_a_way_into_the_office_is_made_of_the_named_organisation_alone(two: Two) -> None:
    assert said(two.folder, "office", "link").exit_code == WRONG_CALL
    links = [said(two.folder, "office", "link", "--organisation", one, "--json") for one in (CITY, PARTY)]
    assert [one.exit_code for one in links] == [0, 0]
    assert len({json.loads(one.stdout)["link"] for one in links}) == 2


def test_at_a_terminal_the_organisations_are_numbered_and_the_one_picked_is_opened(two: Two) -> None:
    ours, theirs = pty.openpty()
    words = ["period", "open", "2026-Q2", "--data", str(two.folder)]
    asking = subprocess.Popen(
        [sys.executable, "-c", "from workflow.cli import main; main()", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    shown = ""
    while "Chọn số" not in shown:
        assert ready.select([ours], [], [], 240)[0], shown
        shown += os.read(ours, 4096).decode("utf-8", "replace")
    lines = [line.strip() for line in shown.splitlines()]
    number = next(line[0] for line in lines if PARTY in line)
    os.write(ours, f"{number}\n".encode())
    while asking.poll() is None and ready.select([ours], [], [], 240)[0]:
        try:
            os.read(ours, 4096)
        except OSError:
            break
    assert asking.wait(240) == 0
    os.close(ours)
    assert opened(two)[-1] == (two.ward.plan_id, "2026-Q2")
