"""The calls from the flows into `workflow`: the only module here that knows both sides.

Every function is idempotent and answers from the database; Prefect may repeat it at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from sqlalchemy import Connection

from flows.showing import READ_AT_ONCE, RunSpec, read_runs
from workflow import old_files
from workflow.clock import Clock
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.plain_text import markdown, one_line
from workflow.reports.issuing import begin_report
from workflow.reports.pdf.signing import pdf_signer
from workflow.reports.period_reports import period_report, summary
from workflow.settings import Settings, load_settings
from workflow.storage import Store
from workflow.storage.cycles.heads import stages_of
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.files import Files
from workflow.storage.periods.periods import period_of
from workflow.storage.personal import retention
from workflow.storage.plans import offers
from workflow.storage.plans.plans import plan_head
from workflow.storage.proof import anchors
from workflow.storage.rules import rules_in_force
from workflow.storage.sweeps import prefect_picture, schedule_keeping
from workflow.storage.sweeps import sweep as sweeps_sweep

T = TypeVar("T")

AT_ONCE = 300
"""Differences looked at in one round of the showing loop."""


@dataclass(frozen=True)
class CycleView:
    """A cycle as its Prefect run shows it."""

    run_name: str
    stage: str
    stage_label: str
    is_final: bool
    summary: str
    link: str


@dataclass(frozen=True)
class Account:
    """What a period or sweep flow did: a word for the run's final state, and Markdown for its artifact."""

    label: str
    summary: str


@dataclass(frozen=True)
class Difference:
    """A cycle whose stage Prefect doesn't show; `flow_run_id` is None until a run has been created.

    `stage` is the value of its stage when this was read; `run.stage` should be the label of a
    stage that waits, and None for a final one.
    """

    cycle_id: int
    flow_run_id: UUID | None
    run: RunSpec
    stage: str
    stage_label: str
    is_final: bool


@cache
def _deployment() -> tuple[Settings, Store, Clock]:
    settings = load_settings()
    store = Store(settings.where_database, settings.where_signing_key)
    return settings, store, Clock(store)


async def _written(act: Callable[[Connection, datetime], T]) -> T:
    """Runs the act in a write transaction, off the event loop."""

    def run() -> T:
        _, store, clock = _deployment()
        now = clock.now()
        with store.begin() as tx:
            return act(tx, now)

    return await asyncio.to_thread(run)


async def _read(ask: Callable[[Connection], T]) -> T:
    def run() -> T:
        _, store, _ = _deployment()
        with store.reading() as tx:
            return ask(tx)

    return await asyncio.to_thread(run)


async def advance_cycle(cycle_id: int) -> CycleView:
    """Let the routing engine move the cycle as far as the facts allow, and return its stage."""

    def act(tx: Connection, now: datetime) -> prefect_picture.ShownCycle | None:
        advance_cycles(tx, [cycle_id], now)
        return prefect_picture.shown_cycle(tx, cycle_id)

    found = await _written(act)
    if found is None:
        raise NotFound("Không có lượt báo cáo này.", where=str(cycle_id))
    settings, _, _ = _deployment()
    return CycleView(
        run_name=found.run_name,
        stage=found.stage.value,
        stage_label=found.stage.label,
        is_final=found.stage.is_final,
        summary=f"## {markdown(found.run_name)}\n\n{markdown(found.content)}\n\n"
        f"**{found.stage.label}**, lần báo cáo {found.version}",
        link=f"{settings.where_pages}/cycle/{cycle_id}",
    )


async def open_period(plan_id: int, code: str) -> Account:
    """Open the plan's period under the rules in force; a second call changes nothing."""

    def act(tx: Connection, now: datetime) -> tuple[str, int]:
        in_force = rules_in_force(tx, plan_head(tx, plan_id).organisation_id)
        if in_force is None:
            raise NotFound("Chưa có quy tắc nào.", cure="Lưu quy tắc trước: tiendo rules adopt TỆP.")
        rules_id, _ = in_force
        period_id = schedule_keeping.open_and_announce(tx, plan_id, Span.parse(code), rules_id, now)
        return period_of(tx, period_id).label, sum(stages_of(tx, period_id).values())

    label, count = await _written(act)
    return Account(f"Đã mở {label}", f"## {markdown(label)}\n\nĐã mở {count} lượt báo cáo.")


async def close_period(period_id: int) -> Account:
    """Roll up, score, report and lock the period."""

    await _written(lambda tx, now: schedule_keeping.close_and_announce(tx, period_id, now))

    def issue() -> Account:
        _, store, clock = _deployment()
        _begin_report(period_id)
        with store.reading() as tx:
            period = period_of(tx, period_id)
            lines = summary(period_report(tx, period_id, clock.now()))
        listed = "\n".join(f"- {markdown(line)}" for line in lines)
        return Account(f"Đã khóa {period.label}", f"## {markdown(period.label)}\n\n{listed}")

    return await asyncio.to_thread(issue)


def _begin_report(period_id: int) -> bool:
    settings, store, clock = _deployment()
    signer = pdf_signer(settings)
    return begin_report(store, Files(settings.where_files), period_id, clock.now(), signer=signer)


async def keep_schedules() -> Account:
    """Open and close the periods that are due, draft their reports, notify the office of what comes next."""
    opened: list[str] = []
    closed: list[str] = []
    troubles: list[str] = []
    reported = made = 0
    _, _, clock = _deployment()
    now = await asyncio.to_thread(clock.now)
    for plan_id in await _read(lambda tx: schedule_keeping.plans_to_keep(tx, now)):
        # Each plan in a transaction of its own: an error in one must not stop the others.
        kept = await _written(partial(_keep_plan, plan_id))
        opened += kept.opened
        closed += kept.closed
        troubles += kept.troubles
        reported += kept.notices
        for period_id in kept.to_report:
            try:
                made += await asyncio.to_thread(_begin_report, period_id)
            except TiendoError as error:
                troubles.append(one_line(error.told))
    anchored = 0
    try:
        anchored = await anchor_day()
    except TiendoError as error:
        troubles.append(one_line(error.told))
    lines = [
        *(f"- Đã mở {label}." for label in opened),
        *(f"- Đã khóa {label}." for label in closed),
        *(f"- {trouble}" for trouble in troubles),
        f"- {made} báo cáo mới, {reported} điều báo cho văn phòng, {anchored} mốc nhật ký.",
    ]
    label = "Có việc theo lịch chưa làm được" if troubles else "Đã theo lịch"
    return Account(label, "\n".join(lines))


async def anchor_day() -> int:
    """Take the day's anchors of the audit log where they are due, and mail them; returns how many."""
    settings, _, _ = _deployment()
    taken = await _written(lambda tx, now: anchors.anchor_due(tx, now, settings.anchor_addresses))
    return len(taken)


def _keep_plan(plan_id: int, tx: Connection, now: datetime) -> schedule_keeping.ScheduleResult:
    return schedule_keeping.keep_schedule(tx, plan_id, now)


async def zone() -> str | None:
    """The time zone that schedules go by: the first organisation's, None while there is none."""
    return await _read(schedule_keeping.zone_of_schedules)


def days_runs_are_kept() -> int:
    """How many days Prefect keeps the runs of scheduled flows that ended well; 0 for ever."""
    settings, _, _ = _deployment()
    return settings.prefect_keep_days


async def drop_old_offers() -> int:
    """Delete uploaded plans that nobody accepted within the days of the settings; returns how many."""

    def run() -> int:
        settings, store, clock = _deployment()
        if not settings.offers_keep_days:
            return 0
        before = clock.now() - timedelta(days=settings.offers_keep_days)
        return offers.drop_old_offers(store, Files(settings.where_files), before)

    return await asyncio.to_thread(run)


async def drop_what_is_old() -> int:
    """Delete what is past its retention period in the settings: rows, logs and caught mails; returns how many
    rows and files."""

    def run() -> int:
        settings, store, clock = _deployment()
        with store.begin() as tx:
            count = sum(one.count for one in retention.remove_due(tx, settings.keep_days, clock.now()))
        if count:
            store.scrub()
        if settings.logs_keep_days:
            wall = datetime.now(UTC)
            before = wall - timedelta(days=settings.logs_keep_days)
            count += old_files.remove_old_files(settings.data, before, wall)
        return count

    return await asyncio.to_thread(run)


async def sweep() -> Account:
    """Reminders, escalations, lapses and deemed consent over all cycles."""
    swept = await _written(sweeps_sweep.sweep)
    moved = len(swept.changes)
    return Account(
        "Đã rà soát",
        f"{moved} lượt chuyển giai đoạn theo thời hạn; nhắc việc {swept.reminded_periods} kỳ; "
        f"{swept.escalated} lượt báo lên cấp trên.",
    )


async def reconcile(client: PrefectClient) -> Account:
    """Compare every open cycle with Prefect itself, not with our record of it; record the differences."""
    cycles = await _read(prefect_picture.with_runs)
    lost: list[int] = []
    wrong: list[int] = []
    for start in range(0, len(cycles), READ_AT_ONCE):
        some = cycles[start : start + READ_AT_ONCE]
        there = await read_runs(client, [UUID(one.flow_run_id) for one in some if one.flow_run_id])
        for one in some:
            view = there.get(UUID(one.flow_run_id)) if one.flow_run_id else None
            if view is None:
                lost.append(one.cycle_id)
            elif view.state_name != one.stage.label:
                wrong.append(one.cycle_id)
    await forget_runs(lost)
    await _written(lambda tx, _now: prefect_picture.note_not_shown(tx, wrong))
    return Account(
        "Đã đối chiếu",
        f"{len(cycles)} lượt: {len(lost)} lượt Prefect không còn, {len(wrong)} lượt hiện sai giai đoạn; "
        "sẽ được sửa ngay.",
    )


async def differences() -> Sequence[Difference]:
    """The cycles whose shown stage is not their stage, oldest first, a few hundred at most."""
    found = await _read(lambda tx: prefect_picture.to_show(tx, AT_ONCE))
    return [
        Difference(
            cycle_id=one.cycle_id,
            flow_run_id=UUID(one.flow_run_id) if one.flow_run_id else None,
            run=RunSpec(
                name=one.run_name,
                parameters={"cycle_id": one.cycle_id},
                idempotency_key=one.run_key,
                tags=one.tags,
                stage=None if one.stage.is_final else one.stage.label,
            ),
            stage=one.stage.value,
            stage_label=one.stage.label,
            is_final=one.stage.is_final,
        )
        for one in found
    ]


async def remember_runs(runs: Mapping[int, UUID]) -> None:
    """Store the id of each cycle's new run."""
    kept = {cycle_id: str(run_id) for cycle_id, run_id in runs.items()}
    await _written(lambda tx, _now: prefect_picture.note_runs(tx, kept))


async def mark_shown(settled: Sequence[Difference]) -> None:
    """Record that Prefect shows these cycles at the stage they had when read; one that has moved on meanwhile
    stays a difference."""
    shown = {one.cycle_id: Stage(one.stage) for one in settled}
    await _written(lambda tx, _now: prefect_picture.note_shown(tx, shown))


async def forget_runs(cycle_ids: Sequence[int]) -> None:
    """Prefect doesn't know these cycles' runs any more: let `differences` return them without a run."""
    if cycle_ids:
        await _written(lambda tx, _now: prefect_picture.forget_runs(tx, cycle_ids))
