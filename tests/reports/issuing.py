"""A closed period with its files, for tests of drafts, approvals, numbers, recipients and locks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from tests.builders import (
    NOW,
    Opened,
    a_directory,
    a_plan,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Choice
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ReportApproval, ReportRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.reports.issuing import begin_report, issue_report
from workflow.sample import scoring_path
from workflow.storage import Store
from workflow.storage.cycles import orders
from workflow.storage.files import Files
from workflow.storage.reports.approvals import ApprovalWord, ask, decide
from workflow.storage.reports.issues import Issue, issues_of
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import rules

CLOSED = NOW + timedelta(days=60)
SECOND = Person("Võ Minh Tâm", "van-thu@hoaxuan.example", "Văn thư", (("van-phong", Role.OFFICE),))


@dataclass(slots=True)
class Ended:
    """A closed period and where its files are."""

    opened: Opened
    files: Files

    @property
    def store(self) -> Store:
        """Its store."""
        return self.opened.store

    @property
    def period_id(self) -> int:
        """The period."""
        return self.opened.period_id

    @property
    def office(self) -> int:
        """Who runs the office."""
        return self.opened.person("van-phong")

    def issue(self) -> Issue:
        """The period's newest report."""
        with self.store.reading() as tx:
            return issues_of(tx, self.period_id)[0]

    def put_before(self) -> None:
        """The office puts the draft before those who approve it."""
        issue = self.issue()
        with self.store.begin() as tx:
            ask(tx, issue.id, issue.draft.version, self.office, CLOSED)

    def say(self, *boxes: str, choice: Choice = Choice.APPROVE, reason: str = "") -> Choice | None:
        """Each says so of the draft; gives what is decided then."""
        decision = None
        for box in boxes:
            with self.store.begin() as tx:
                issue = issues_of(tx, self.period_id)[0]
                asked = ask(tx, issue.id, issue.draft.version, self.office, CLOSED)
                word = ApprovalWord(asked.id, asked.sha256, choice, reason)
                decision = decide(tx, issue.id, self.opened.person(box), word, CLOSED).decision
        return decision

    def send_out(self, number: str = "12-BC/ĐU") -> Issue:
        """The office issues the approved draft."""
        issue, on = self.issue(), CLOSED.date()
        seen = issue.draft.version
        return issue_report(self.store, self.files, issue.id, seen, number, on, self.office, CLOSED)


def ended(
    store: Store,
    folder: Path,
    approval: ReportApproval = ReportApproval.CHAIR,
    approve_working_days: int = 3,
    *,
    has_letterhead: bool = True,
) -> Ended:
    """A closed period of two items, one approved, with its first draft."""
    plan = a_plan(items=[replace(an_item(n), coordinating_ids=(), coordinating_units=()) for n in (1, 3)])
    rule = ReportRule(approval, approve_working_days)
    opened = an_open_period(
        store, plan=plan, directory=a_directory(extra=(SECOND,)), rules=Rules(report=rule)
    )
    with store.begin() as tx:
        tx.execute(rules.update().values(scoring=read_scoring(scoring_path())))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0])
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        close_period(tx, opened.period_id, CLOSED, is_early=True)
        complete = {"superior": "Đảng bộ thành phố Bình Minh", "place": "Hòa Xuân"} if has_letterhead else {}
        set_letterhead(tx, opened.organisation_id, NOW, **complete)
    files = Files(f"file://{folder}/files")
    begin_report(store, files, opened.period_id, CLOSED)
    return Ended(opened, files)


def reckoned_anew(found: Ended) -> None:
    """The item that lapsed is reopened, reported and approved: the figures of the period change."""
    reopen(found)
    report_anew(found)


def report_anew(found: Ended) -> None:
    """The reopened item is reported and approved; the sweep then keeps new figures."""
    opened, cycle = found.opened, found.opened.cycles[1]
    later = replace(opened, now=CLOSED + timedelta(days=1))
    submitted(later, cycle)
    confirmed(later, cycle)
    voted(later, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with found.store.begin() as tx:
        sweep(tx, CLOSED + timedelta(days=2))


def reopen(found: Ended) -> None:
    """The office reopens the item that lapsed."""
    with found.store.begin() as tx:
        until = (CLOSED + timedelta(days=10)).date()
        orders.reopen(tx, found.office, found.opened.cycles[1], "Gửi nhầm hộp thư", until, CLOSED)
