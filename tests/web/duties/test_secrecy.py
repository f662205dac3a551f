"""What pages, papers, mails and the API tell of a vote whose rule names nobody: never who voted how, whatever
is compared with whatever."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOW, a_directory, a_link, a_plan, an_item, confirmed, submitted
from tests.web.asking import System, a_key
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Choice
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, Fallback, Rules, Shows
from workflow.mail.letters.owed import owing_of
from workflow.storage.access.links import Purpose
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote
from workflow.storage.sweeps.sweep import sweep

MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2")
LAST = "uy-vien-3"
"""A member who has not voted, and looks at how the vote stands."""
CAST = (
    (Choice.RETURN, "Số liệu chưa khớp với báo cáo của công an"),
    (Choice.APPROVE, ""),
    (Choice.RETURN, "Chưa có minh chứng"),
    (Choice.ABSTAIN, ""),
)
OVER = NOW + timedelta(days=40)

Ballot = tuple[Choice, str]


@dataclass
class Seen:
    """What was seen after each ballot, by where: by the office and whoever reads its papers, by the member
    who has not voted, and by the lead unit once it is over."""

    office: list[dict[str, str]] = field(default_factory=list)
    member: list[str] = field(default_factory=list)
    lead: list[str] = field(default_factory=list)


def put_to_vote(folder: Path, shows: Shows) -> Visit:
    rule = ApprovalRule(shows=shows, early_close=EarlyClose.NO, fallback=Fallback.POSTPONE)
    items = [an_item(1, coordinating_ids=(), coordinating_units=())]
    visit = a_visit(folder, plan=a_plan(items=items), rules=Rules(approval=rule))
    submitted(visit.opened, visit.opened.cycles[0])
    return visit


@cache
def watched(shows: Shows, members: tuple[str, ...], cast: tuple[Ballot, ...]) -> Seen:
    """The members vote one after another, a minute apart; everybody looks after each ballot and at the
    end."""
    seen = Seen()
    with tempfile.TemporaryDirectory() as folder:
        visit = put_to_vote(Path(folder), shows)
        opened, (cycle,) = visit.opened, visit.opened.cycles
        for n, (box, (choice, reason)) in enumerate(zip(members, cast, strict=True), 1):
            with opened.store.begin() as tx:
                at = NOW + timedelta(minutes=n)
                acts.vote(tx, opened.person(box), [CastVote(cycle, 1, choice, reason)], at)
            if n in (1, len(cast)):
                look(visit, seen)
        visit.clock.set(OVER)
        with opened.store.begin() as tx:
            sweep(tx, OVER)
        look(visit, seen)
        seen.lead.append(text_of(visit.client.get(f"/l/{a_link(opened, 'ubnd', now=OVER)}/report/{cycle}")))
        with opened.store.reading() as tx:
            seen.lead.append(repr(owing_of(tx, opened.person("ubnd"), opened.period_id, OVER)))
    return seen


def look(visit: Visit, seen: Seen) -> None:
    opened, (cycle,), now = visit.opened, visit.opened.cycles, visit.clock.now()
    base = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE, now=now)}"
    paths = [f"/item/{cycle}", "/votes", "/doc", "", "/owing", "/directory", "/mails"]
    office = {path: text_of(visit.client.get(base + path)) for path in paths}
    paper = Document(BytesIO(visit.client.get(f"{base}/minutes").content))
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    office["minutes"] = "\n".join([*(one.text for one in paper.paragraphs), *cells])
    system = System(visit, a_key(opened))
    for path in (f"/cycles/{cycle}", f"/cycles/{cycle}/history", f"/periods/{opened.period_id}/cycles"):
        office[path] = system.ask(path).text
    seen.office.append(office)
    seen.member.append(text_of(visit.client.get(f"/l/{a_link(opened, LAST, now=now)}")))


@pytest.mark.parametrize("shows", [Shows.NOTHING, Shows.COUNTS])
@settings(max_examples=2, deadline=None)
@given(order=st.permutations(CAST).filter(lambda found: found != list(CAST)))
def test_who_cast_what_changes_nothing_that_the_office_the_lead_or_another_system_sees(
    shows: Shows, order: list[Ballot]
) -> None:
    one = watched(shows, MEMBERS, CAST)
    other = watched(shows, MEMBERS, tuple(order))
    assert one.office == other.office
    assert one.lead == other.lead


@pytest.mark.parametrize("shows", [Shows.NOTHING, Shows.COUNTS])
@settings(max_examples=2, deadline=None)
@given(members=st.permutations(MEMBERS).filter(lambda found: found[0] != MEMBERS[0]))
def test_a_member_who_sees_the_count_run_does_not_see_who_has_voted(shows: Shows, members: list[str]) -> None:
    assert watched(shows, MEMBERS, CAST).member == watched(shows, tuple(members), CAST).member


def test_a_member_who_also_works_for_the_office_sees_no_count_that_runs(tmp_path: Path) -> None:
    rule = Rules(approval=ApprovalRule(shows=Shows.COUNTS))
    both = Person("Trần Văn Nam", "uy-vien-1@hoaxuan.example", "Ủy viên", (("van-phong", Role.OFFICE),))
    visit = a_visit(tmp_path, rules=rule, directory=a_directory(extra=[both]))
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle)
        confirmed(visit.opened, cycle, "mttq", "cong-an")
    told = {
        box: bool(page_of(visit.client.get(f"/l/{a_link(visit.opened, box)}")).select(".standing"))
        for box in ("uy-vien-1", "uy-vien-2")
    }
    assert told == {"uy-vien-1": False, "uy-vien-2": True}


def test_when_a_member_voted_is_told_once_the_vote_is_over(tmp_path: Path) -> None:
    visit = put_to_vote(tmp_path, Shows.NOTHING)
    opened, (cycle,) = visit.opened, visit.opened.cycles
    page = visit.client.get(f"/l/{a_link(opened, 'uy-vien-1')}")
    form = form_of(page, "/vote")
    key = str(page_of(page).select("input[name^=choice-]")[0]["name"])
    assert "Đã ghi nhận" in text_of(post(visit, form, form.filled() | {key: "approve"}))

    def told() -> tuple[bool, bool]:
        base = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE, now=visit.clock.now())}"
        uses = text_of(visit.client.get(f"{base}/people/{opened.person('uy-vien-1')}"))
        log = text_of(visit.client.get(f"{base}/item/{cycle}"))
        return "số ghi nhận" in uses, "đã bỏ phiếu" in log

    assert told() == (False, False)
    visit.clock.set(OVER)
    with opened.store.begin() as tx:
        sweep(tx, OVER)
    assert told() == (True, True)
