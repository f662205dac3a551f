"""The queries behind the pages, on both databases: what is owed, the board, who owes, history, receipts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.builders import (
    NOW,
    Opened,
    a_directory,
    a_part,
    a_plan,
    a_target,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import NotAllowed
from workflow.domain.results.plausible import PROGRESS, Oddity, OddKind
from workflow.domain.rules.routing_rules import ConfirmationRule, Objection, Rules
from workflow.domain.vietnamese import fold
from workflow.domain.words import Words
from workflow.storage import Store
from workflow.storage.cycles.acts import Evidence
from workflow.storage.cycles.history import evidence_of, history
from workflow.storage.deployment import page_secret
from workflow.storage.duties.board import board, issued
from workflow.storage.duties.debtors import debtors
from workflow.storage.duties.persons_page import acts_of, evidence_for, owed_by
from workflow.storage.duties.sheets import report_sheet
from workflow.storage.periods.periods import own_periods
from workflow.storage.post.office_mails import mail_counts, mails, send_again, unreached
from workflow.storage.post.receipts import receipt_moment
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.tables import outbox, submissions

FILE = Evidence("ab" * 32, "Biên bản.pdf", "application/pdf", 9)
TODAY = NOW.date()


@contextmanager
def _counting(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def test_each_person_owes_what_routing_says(store: Store) -> None:
    opened = an_open_period(store)
    one, two, three = opened.cycles
    submitted(opened, one)
    submitted(opened, two)
    confirmed(opened, two, "mttq", "cong-an")
    with store.reading() as tx:
        lead = owed_by(tx, opened.person("ubnd"), opened.period_id)
        unit = owed_by(tx, opened.person("mttq"), opened.period_id)
        member = owed_by(tx, opened.person("bi-thu"), opened.period_id)
    assert [row.cycle.id for row in lead.to_report] == [three]
    assert [(row.cycle.id, row.unit, row.given) for row in unit.to_confirm] == [
        (one, "Ủy ban MTTQ Việt Nam phường", None)
    ]
    assert [row.cycle.id for row in member.to_vote] == [two]
    assert [word.verdict for word in member.to_vote[0].words] == [Verdict.CONFIRM] * 2


def test_a_word_given_is_shown_as_given_until_the_step_ends(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", verdict=Verdict.PARTIAL, reason="Thiếu ảnh.")
    with store.reading() as tx:
        (row,) = owed_by(tx, opened.person("mttq"), opened.period_id).to_confirm
    assert row.given
    assert row.given.reason == "Thiếu ảnh."
    confirmed(opened, cycle, "cong-an")
    voted(opened, cycle, "bi-thu")
    with store.reading() as tx:
        assert owed_by(tx, opened.person("mttq"), opened.period_id).to_confirm == ()
        owed = owed_by(tx, opened.person("bi-thu"), opened.period_id)
    assert owed.is_nothing
    assert owed.to_vote[0].given
    assert owed.to_vote[0].given.choice is Choice.APPROVE


def test_silence_taken_for_consent_is_named(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    later = Opened(
        opened.store,
        opened.organisation_id,
        opened.plan_id,
        opened.period_id,
        opened.cycles,
        opened.persons,
        opened.units,
        NOW + timedelta(days=20),
    )
    voted(later, cycle, "bi-thu")
    with store.reading() as tx:
        (row,) = owed_by(tx, opened.person("uy-vien-1"), opened.period_id).to_vote
    assert row.words == ()
    assert set(row.cycle.deemed) == {"Ủy ban MTTQ Việt Nam phường", "Công an phường"}


def test_a_report_keeps_its_figures_parts_and_evidence_together(store: Store) -> None:
    item = an_item(1, targets=(a_target(),), parts=(a_part("I.1.1.a", "Đoạn 1"),))
    opened = an_open_period(store, plan=a_plan(items=[item]))
    cycle = opened.cycles[0]
    with store.reading() as tx:
        sheet = report_sheet(tx, opened.person("ubnd"), opened.period_id, cycle)
    assert sheet
    target, part = sheet.targets[0].id, sheet.parts[0].id
    submitted(
        opened,
        cycle,
        figures={str(target): "98.7"},
        parts={str(part): {"progress": 80, "body": "Gần xong."}},
        evidence=(FILE,),
    )
    with store.reading() as tx:
        report = owed_by(tx, opened.person("mttq"), opened.period_id).to_confirm[0].report
    assert report.figures[0].is_reached
    assert (report.parts[0].progress, report.parts[0].body) == (80, "Gần xong.")
    assert [file.name for file in report.evidence] == ["Biên bản.pdf"]


def test_what_was_odd_and_why_is_kept_with_the_version_and_sealed_by_its_entry(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(items=[an_item(1, targets=(a_target(),))]))
    cycle = opened.cycles[0]
    words = Words("Tiến độ %(now)s%% thấp hơn kỳ trước (%(last)s%%).", now=40, last=60)
    odd = Oddity(OddKind.PROGRESS_FELL, PROGRESS, words, reason="Nhà thầu bỏ dở.")
    with pytest.raises(NotAllowed, match="thấp hơn kỳ trước"):
        submitted(opened, cycle, oddities=(replace(odd, reason=""),))
    submitted(opened, cycle, oddities=(odd,))
    with store.reading() as tx:
        assert owed_by(tx, opened.person("mttq"), opened.period_id).to_confirm[0].report.oddities == (odd,)
        assert check_facts(tx)[1] == []
    with store.begin() as tx:
        tx.execute(submissions.update().values(oddities=[odd.as_json() | {"reason": "Không rõ."}]))
    with store.reading() as tx:
        assert check_facts(tx)[1]


def test_evidence_is_for_those_who_lead_confirm_or_vote(store: Store) -> None:
    opened = an_open_period(store)
    one, two, _ = opened.cycles
    submitted(opened, one, evidence=(FILE,))

    def sees(box: str, cycle: int = one) -> bool:
        with store.reading() as tx:
            found = evidence_for(tx, opened.person(box), opened.period_id, cycle, FILE.sha256)
        return found is not None

    assert [sees(box) for box in ("ubnd", "mttq", "phu-nu", "bi-thu")] == [True, True, False, False]
    assert not sees("ubnd", two)
    confirmed(opened, one, "mttq", "cong-an")
    assert sees("bi-thu")
    with store.reading() as tx:
        assert evidence_of(tx, opened.organisation_id, one, FILE.sha256)
        assert evidence_of(tx, opened.organisation_id + 1, one, FILE.sha256) is None


def test_the_board_counts_sections_with_those_under_them(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(8))
    submitted(opened, opened.cycles[0], progress=35)
    with store.reading() as tx:
        found = board(tx, opened.period_id, NOW + timedelta(days=15))
    assert found.counts[Stage.WAITING_CONFIRMATION] == 1
    assert [(row.codes[-1], row.total, row.late) for row in found.matrix()] == [
        ("I", 6, 5),
        ("I.1", 2, 1),
        ("I.2", 2, 2),
        ("I.3", 2, 2),
        ("II", 2, 2),
        ("II.1", 2, 2),
    ]
    assert found.rows[0].progress == 35


def test_who_owes_what_counts_each_item_once_a_person(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(3))
    submitted(opened, opened.cycles[0])
    with store.begin() as tx:
        tx.execute(
            outbox.update()
            .where(outbox.c.person_id == opened.person("ubnd"))
            .values(state="sent", sent_at=NOW)
        )
    with store.reading() as tx:
        found = debtors(tx, opened.period_id, NOW)
    assert [(one.email.split("@")[0], one.submit, one.confirm, one.vote) for one in found] == [
        ("ubnd", 2, 0, 0),
        ("cong-an", 0, 1, 0),
        ("mttq", 0, 1, 0),
    ]
    assert found[0].last_mail_at == NOW
    assert found[0].units == ("UBND phường",)


def test_a_history_tells_each_version_apart(store: Store) -> None:
    rules = Rules(confirmation=ConfirmationRule(objection=Objection.TO_LEAD))
    opened = an_open_period(store, rules=rules, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Sai.")
    submitted(opened, cycle, version=1)
    with store.reading() as tx:
        found = history(tx, opened.organisation_id, cycle)
        assert history(tx, opened.organisation_id + 1, cycle) is None
    assert found
    assert [(version.report.version, len(version.words)) for version in found.versions] == [(2, 0), (1, 1)]
    assert [entry.verb for entry in found.entries] == [
        "submitted",
        "stage",
        "confirmed",
        "stage",
        "submitted",
        "stage",
    ]
    assert found.awaited == ("Công an phường", "Ủy ban MTTQ Việt Nam phường")


def test_a_receipt_finds_what_its_own_person_did_and_nobody_elses(store: Store) -> None:
    opened = an_open_period(store)
    receipt = submitted(opened, opened.cycles[0])
    with store.reading() as tx:
        at = receipt_moment(tx, opened.person("ubnd"), opened.period_id, receipt.number)
        assert at == NOW
        assert [act.what for act in acts_of(tx, opened.person("ubnd"), opened.period_id, at=at)] == [
            "submitted"
        ]
        assert receipt_moment(tx, opened.person("mttq"), opened.period_id, receipt.number) is None
        assert receipt_moment(tx, opened.person("ubnd"), opened.period_id, "%%%%%%%%") is None


def test_a_failed_mail_is_listed_first_and_sent_again_once(store: Store) -> None:
    opened = an_open_period(store, plan=a_plan(items=[an_item(1), an_item(2, lead_ids=("mttq",))]))
    with store.begin() as tx:
        failed = outbox.c.person_id == opened.person("ubnd")
        tx.execute(outbox.update().where(failed).values(state="failed", error="550"))
    with store.begin() as tx:
        assert mail_counts(tx, opened.period_id) == {"failed": 1, "waiting": 1}
        first, _ = mails(tx, opened.period_id)
        assert first.is_undelivered
        (one,) = unreached(tx, opened.period_id)
        assert one.mails == (first,)
        assert send_again(tx, opened.period_id, one.person_id, NOW) == 1
        assert send_again(tx, opened.period_id, one.person_id, NOW) == 0
        assert mail_counts(tx, opened.period_id) == {"retry": 1, "waiting": 1}


def test_an_organisation_sees_its_own_periods_only(store: Store) -> None:
    opened = an_open_period(store)
    other = an_open_period(store, directory=a_directory("Đảng ủy phường Khác"))
    with store.reading() as tx:
        assert [one.id for one in own_periods(tx, opened.organisation_id)] == [opened.period_id]
        assert [one.id for one in own_periods(tx, other.organisation_id)] == [other.period_id]
        assert issued(tx, opened.period_id) == ()


def test_the_page_secret_is_made_once(store: Store) -> None:
    with store.begin() as tx:
        made = page_secret(tx)
    with store.begin() as tx:
        assert page_secret(tx) == made
    assert len(made) > 40


@pytest.mark.parametrize("box", ["ubnd", "mttq", "bi-thu"])
def test_a_page_asks_as_often_for_many_items_as_for_few(sqlite_store: Store, box: str) -> None:
    asked = []
    for organisation, n_items in (("Phường A", 2), ("Phường B", 30)):
        opened = an_open_period(sqlite_store, directory=a_directory(organisation), plan=a_plan(n_items))
        for cycle in opened.cycles[: n_items // 2]:
            submitted(opened, cycle)
            confirmed(opened, cycle, "cong-an")
        with _counting(sqlite_store) as statements, sqlite_store.reading() as tx:
            owed_by(tx, opened.person(box), opened.period_id)
            board(tx, opened.period_id, NOW)
            debtors(tx, opened.period_id, NOW)
        asked.append(len(statements))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("text", "plain"), [("Vỉa  HÈ", "via he"), ("Đường Điện", "duong dien"), ("Ủy ban", "uy ban")]
)
def test_folding_takes_away_case_diacritics_and_spaces(text: str, plain: str) -> None:
    assert fold(text) == plain
