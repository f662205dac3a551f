"""How many mails a quarter brings each person: as they are sent, gathered into digests, against one mail for
each item, each time it is theirs to do, as it would be without. Prefect, pages and SMTP are left out.

    python -m benchmarks.mails                                     the sample plan
    python -m benchmarks.mails --plan PLAN.txt --directory DIRECTORY.yaml
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select

from tests.builders import a_store
from workflow.cli.demo.loading import load
from workflow.cli.demo.playing import is_silent, portion, report_day
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Choice, Verdict
from workflow.domain.cycles.escalation import is_to_be_reminded
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.periods.period import Span, timetable
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.mail.letters.composing import letter_for
from workflow.mail.letters.gathered import Void
from workflow.sample import directory_path, plan_path, routing_path, scoring_path
from workflow.storage import Store
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.duties.ladder import matters
from workflow.storage.duties.owed import OwedDuty, owed_in
from workflow.storage.opening.opening import open_period
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.periods.watched import watched_period, watched_periods
from workflow.storage.post import claims, intents
from workflow.storage.post.receipts import intend_receipt
from workflow.storage.results.closing import close_period
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.announcements import announce_closing, announce_opening
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import cycles, items, persons, plans
from workflow.storage.tables import outbox as outbox_table


@dataclass(slots=True)
class Counts:
    """What one person got, by kind of mail and by day; and what it would be with a mail for each item."""

    items: set[int] = field(default_factory=set)
    requests: int = 0
    reminders: int = 0
    receipts: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    a_day: Counter[date] = field(default_factory=Counter)

    @property
    def singly(self) -> int:
        """The mails with one for each item."""
        return self.requests + self.reminders + self.receipts


@dataclass(slots=True)
class Quarter:
    """One period, played day by day on a simulated clock."""

    store: Store
    period: Period
    calendar: Calendar
    emails: dict[int, str]
    codes: dict[int, str]
    counts: dict[int, Counts] = field(default_factory=lambda: defaultdict(Counts))
    known: set[tuple[object, ...]] = field(default_factory=set)

    def play(self) -> None:
        """From the opening to the day after the cut-off; then the period is closed."""
        for day in self._days():
            morning = self.calendar.moment(day, 8)
            with self.store.begin() as tx:
                self._count_reminders(tx, morning)
                sweep(tx, morning)
            self._deliver(self.calendar.moment(day, 9))
            if day <= self.period.cut_off:
                self._work(day, self.calendar.moment(day, 9))
            self._deliver(self.calendar.moment(day, 19))
        end = self.calendar.moment(day, 20)
        with self.store.begin() as tx:
            close_period(tx, self.period.id, end)
            announce_closing(tx, self.period.id, end)
        self._deliver(end + timedelta(days=4))

    def _days(self) -> Iterator[date]:
        day = self.period.opens_on
        while day <= self.period.cut_off:
            if self.calendar.is_working(day):
                yield day
            day += timedelta(days=1)
        yield day

    def _work(self, day: date, now: datetime) -> None:
        """Everyone does what the demo's script has for the day; what came up today waits for tomorrow."""
        with self.store.reading() as tx:
            owed = self._held(tx, now)
            versions = dict(tx.execute(select(cycles.c.id, cycles.c.version)).all())
        self._note(owed, versions)
        order = list(self.codes)
        objected, returned, never = order[0], order[1], order[-1]
        by_person: dict[int, list[OwedDuty]] = defaultdict(list)
        for person, one in owed:
            by_person[person].append(one)
        for person, found in sorted(by_person.items()):
            reports, words, votes = [], [], []
            for one in found:
                cycle = one.cycle_id or 0
                version = versions[cycle]
                dice = portion(self.emails[person], self.codes[cycle])
                match one.duty:
                    case Duty.SUBMIT:
                        planned = report_day(self.codes[cycle], self.period, self.calendar)
                        if cycle != never and day >= planned:
                            reports.append(
                                SubmittedReport(cycle, one.unit_id or 0, version, 60, "Đang triển khai.")
                            )
                    case Duty.CONFIRM if not is_silent(self.emails[person]):
                        word = Verdict.PARTIAL if dice < 3 else Verdict.CONFIRM
                        if cycle == objected and version == 1:
                            word = Verdict.OBJECT
                        words.append(UnitWord(cycle, one.unit_id or 0, version, word, "Đề nghị bổ sung."))
                    case Duty.VOTE:
                        choice = Choice.ABSTAIN if dice < 3 else Choice.APPROVE
                        if cycle == returned and version == 1:
                            choice = Choice.RETURN
                        votes.append(CastVote(cycle, version, choice, "Đề nghị bổ sung minh chứng."))
            for act, given in ((acts.submit, reports), (acts.confirm, words), (acts.vote, votes)):
                self._act(person, act, given, now)
        with self.store.reading() as tx:
            self._note(
                self._held(tx, now),
                dict(tx.execute(select(cycles.c.id, cycles.c.version)).all()),
            )

    def _act(self, person: int, act, given, now: datetime) -> None:  # type: ignore[no-untyped-def]
        """Posts each one, as far as it still stands, and intends the receipt that the pages would."""
        said: dict[int, str] = {}
        number = ""
        for one in given:
            # Someone else of the unit may have done it this morning, or it is over by now.
            with suppress(Conflict, NotAllowed), self.store.begin() as tx:
                number = act(tx, person, [one], now).number
                said[one.cycle_id] = "Đã gửi."
        self.counts[person].receipts += len(said)
        if said:
            with self.store.begin() as tx:
                intend_receipt(tx, self.period.organisation_id, person, self.period.id, said, number, now)

    def _held(self, tx: Connection, now: datetime) -> list[tuple[int, OwedDuty]]:
        """Each duty with each person who is to do it."""
        watched = {self.period.id: watched_period(tx, self.period.id, now)}
        return [(person, one) for one in owed_in(tx, watched) for person in sorted(one.persons)]

    def _note(self, owed: list[tuple[int, OwedDuty]], versions: dict[int, int]) -> None:
        """Counts a request for each thing owed that was not owed before on that version."""
        for person, one in owed:
            cycle = one.cycle_id or 0
            key = (cycle, one.duty.value, person, versions[cycle])
            if key not in self.known:
                self.known.add(key)
                self.counts[person].requests += 1
                self.counts[person].items.add(cycle)

    def _count_reminders(self, tx: Connection, now: datetime) -> None:
        """Counts a reminder for each item near or past its last day and each person who owes it."""
        watched = watched_periods(tx, now)
        day = self.calendar.day_of(now)
        for matter in matters(tx, watched):
            before = matter.period.rules.mail.remind_working_days_before
            if is_to_be_reminded(matter.last, day, before, self.calendar):
                for person in matter.holders:
                    self.counts[person].reminders += 1

    def _deliver(self, now: datetime) -> None:
        """Takes what is due from the outbox as the mailer does, composing each letter, and counts it."""
        while True:
            with self.store.begin() as tx:
                found = claims.claim(tx, now, 100, wall=now)
                # A row's own moment, not the pass's: the gap to the next mail counts from it.
                moments = dict(tx.execute(select(outbox_table.c.id, outbox_table.c.not_before)).all())
                for claimed in found:
                    at = moments[claimed.id]
                    letter = letter_for(tx, claimed, "vi", at)
                    if isinstance(letter, Void):
                        claims.mark_void(tx, claimed, at, letter.why)
                        continue
                    claims.mark_sent(tx, claimed, at, letter.tells_too, letter.deadlines_sent)
                    self.counts[claimed.person_id].sent[claimed.kind] += 1
                    if claimed.kind != intents.RECEIPT:
                        self.counts[claimed.person_id].a_day[self.calendar.day_of(at)] += 1
            if not found:
                return


def opened(store: Store, plan: Path, directory: Path) -> Quarter:
    """The plan's first quarter on its first morning."""
    start = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    with store.begin() as tx:
        loaded = load(tx, plan, directory, start)
        year = tx.execute(select(plans.c.year).where(plans.c.id == loaded.plan_id)).scalar_one()
        rules = read_routing(routing_path())
        calendar = organisation_calendar(tx, loaded.organisation_id)
        rules_id = save_rules(tx, loaded.organisation_id, rules, read_scoring(scoring_path()), start)
        span = Span.parse(f"{year}-Q1")
        now = calendar.moment(timetable(span, rules.period, calendar).opens_on, 7)
        period_id = open_period(tx, loaded.plan_id, span, rules_id, now)
        announce_opening(tx, period_id, now)
        named = select(cycles.c.id, items.c.code).join(items, items.c.id == cycles.c.item_id)
        return Quarter(
            store,
            period_of(tx, period_id),
            calendar,
            dict(tx.execute(select(persons.c.id, persons.c.email)).all()),
            dict(tx.execute(named.order_by(items.c.position)).all()),
        )


def report(quarter: Quarter, shown: int) -> None:
    """Prints the people with the most items, and all of them summed up."""
    rows = sorted(quarter.counts.items(), key=lambda one: (-one[1].singly, one[0]))
    kinds = (intents.OPENED, intents.DIGEST, intents.RECEIPT, intents.ESCALATION, intents.CLOSED)
    heads = ("open", "digest", "receipt", "late", "close")
    print(f"{len(quarter.codes)} items, {quarter.period.label}; {len(rows)} people got mail")
    print(f"{'':<30}{'items':>6} | {'a mail for each':^32} | as sent")
    told = " ".join(f"{head:>7}" for head in heads)
    print(
        f"{'':<30}{'':>6} |{'request':>8}{'remind':>8}{'receipt':>8}{'all':>8} |{told}{'all':>6}{'a day':>7}"
    )
    for person, one in rows[:shown]:
        sent = " ".join(f"{one.sent[kind]:>7}" for kind in kinds)
        print(
            f"{quarter.emails[person].partition('@')[0][:28]:<30}{len(one.items):>6} |{one.requests:>8}"
            f"{one.reminders:>8}{one.receipts:>8}{one.singly:>8} |{sent}{sum(one.sent.values()):>6}"
            f"{max(one.a_day.values(), default=0):>7}"
        )
    singly = [one.singly for _, one in rows]
    sent_all = [sum(one.sent.values()) for _, one in rows]
    print(
        f"\nall: {sum(singly)} mails singly, {sum(sent_all)} as sent "
        f"({sum(one.sent[intents.RECEIPT] for _, one in rows)} of them receipts of what the person did); "
        f"a person: median {statistics.median(singly):g} → {statistics.median(sent_all):g}, "
        f"most {max(singly)} → {max(sent_all)}"
    )
    most = Counter(max(one.a_day.values(), default=0) for _, one in rows)
    print("most mails in one day, receipts apart:", ", ".join(f"{n}: {most[n]} people" for n in sorted(most)))
    print(f"most digests to one person: {max(one.sent[intents.DIGEST] for _, one in rows)}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--plan", type=Path, default=plan_path())
    parser.add_argument("--directory", type=Path, default=directory_path())
    parser.add_argument("--shown", type=int, default=15, help="people listed by name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = a_store(Path(folder))
        quarter = opened(store, given.plan, given.directory)
        quarter.play()
        report(quarter, given.shown)
        store.close()


if __name__ == "__main__":
    main()
