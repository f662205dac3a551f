"""`tiendo cycle`: the office's orders about one item in a period, from the command line.

Each is given in the name of an officer; the user of this machine is on record with it. What needs a second
person waits for one on the office's pages: a command is nobody's second word.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlalchemy import Connection

from workflow.cli.choosing import OrganisationName, PlanOfPeriod, period_for
from workflow.cli.office import who_asks
from workflow.cli.running import open_store
from workflow.cli.text import out, say_json
from workflow.cli.up import Data, settings_of
from workflow.clock import Clock
from workflow.domain.errors import NotAllowed, NotFound, TiendoError
from workflow.domain.typed import sent_day
from workflow.storage.access.links_on_request import Officer, officer_named
from workflow.storage.amending.extensions import ExtendedStep, Extent, MoreTime
from workflow.storage.amending.extensions import extend as give_more_time
from workflow.storage.amending.votes_anew import to_vote as call_vote_anew
from workflow.storage.cycles import orders
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.cycles.orders import OrderReceipt
from workflow.storage.duties.board import cycles_of_items
from workflow.storage.people.directory import unit_ids

app = typer.Typer(no_args_is_help=True)

Item = Annotated[str, typer.Argument(metavar="ITEM", help="The item's code in the plan, as I.1.1.")]
PeriodCode = Annotated[
    str, typer.Option("--period", help="As 2026-Q1; the period that was opened last by default.")
]
OfficerName = Annotated[
    str, typer.Option("--officer", help="In whose name: name or address; the only officer by default.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the log and the mails.")]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; asks nothing, so it needs --yes.")]

Given = Callable[[Connection, Officer, CycleHead, datetime, dict[str, str]], OrderReceipt]
"""Gives the order, in a transaction."""


@app.command()
def recall(
    item: Item,
    reason: Reason,
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Thu hồi báo cáo chưa ai trả lời, để đơn vị gửi lại. / Take back a report nobody has answered."""

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        return orders.recall(tx, who.id, cycle.id, cycle.version, now, reason=reason, via=via)

    follows = "Báo cáo được thu hồi; đơn vị chủ trì sửa và gửi lại."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


@app.command()
def withdraw(
    item: Item,
    reason: Reason,
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Đưa một nội dung ra khỏi kỳ. / Take an item out of the period.

    One that was approved stays until a second person of the office confirms it on the item's page.
    """

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        return orders.withdraw(tx, who.id, cycle.id, reason, now, seen_version=cycle.version, via=via)

    follows = "Nội dung không phải báo cáo, xác nhận hay biểu quyết nữa và không tính trong kỳ."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


@app.command()
def reopen(
    item: Item,
    reason: Reason,
    until: Annotated[str, typer.Option("--until", help="The last day of the new round, as 2026-04-10.")],
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Mở lại một nội dung đã kết thúc, đến hết một ngày. / Reopen an item that has ended, until a day."""
    day = _day(until)

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        return orders.reopen(tx, who.id, cycle.id, reason, day, now, seen_version=cycle.version, via=via)

    follows = f"Đơn vị chủ trì gửi báo cáo mới; lượt này kết thúc hết {day:%d/%m/%Y}."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


@app.command()
def to_vote(
    item: Item,
    reason: Reason,
    until: Annotated[str, typer.Option("--until", help="The last day of the new vote, as 2026-03-25.")],
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Đưa một báo cáo ra biểu quyết lại, đến hết một ngày. / Put a report to the vote again, until a day.

    One that was returned waits until a second person of the office confirms it on the item's page; one whose
    vote closed without a decision is voted on anew at once. Ballots cast before do not count.
    """
    day = _day(until)

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        return call_vote_anew(tx, who.id, cycle.id, reason, day, now, seen_version=cycle.version, via=via)

    follows = f"Mọi thành viên bỏ phiếu lại đến hết {day:%d/%m/%Y}; các phiếu trước không tính."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


@app.command()
def reassign(
    item: Item,
    reason: Reason,
    lead: Annotated[list[str], typer.Option("--lead", help="A lead unit's short name; may be repeated.")],
    coordinating: Annotated[
        list[str] | None,
        typer.Option("--coordinating", help="A unit to confirm, by short name; may be repeated."),
    ] = None,
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Giao một nội dung cho đơn vị khác. / Give an item to other units."""

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        known = unit_ids(tx, who.organisation_id)
        asked = [*lead, *(coordinating or ())]
        if unknown := [one for one in asked if one not in known]:
            raise NotFound(
                f"Không có đơn vị “{unknown[0]}” trong danh bạ.",
                cure=f"Tên ngắn của các đơn vị: {', '.join(sorted(known))}.",
            )
        leads, others = [known[one] for one in lead], [known[one] for one in coordinating or ()]
        return orders.reassign(
            tx, who.id, cycle.id, leads, others, reason, now, seen_version=cycle.version, via=via
        )

    follows = "Báo cáo đã gửi giữ nguyên; ý kiến của đơn vị không còn được hỏi không tính."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


@app.command()
def extend(
    item: Item,
    reason: Reason,
    until: Annotated[str, typer.Option("--until", help="The new last day, as 2026-03-20.")],
    step: Annotated[
        ExtendedStep, typer.Option("--step", help="The step: due_on (report), confirm_by, approve_by (vote).")
    ] = ExtendedStep.REPORT,
    extent: Annotated[
        Extent, typer.Option("--for", help="The item, all its lead units lead, or the whole period.")
    ] = Extent.ITEM,
    period: PeriodCode = "",
    officer: OfficerName = "",
    organisation: OrganisationName = "",
    plan: PlanOfPeriod = None,
    yes: Sure = False,
    as_json: AsJson = False,
    data: Data = None,
) -> None:
    """Lùi hạn một bước: một nội dung, cả đơn vị, cả kỳ. / More time for an item, a unit or the period."""
    more = MoreTime(step, _day(until), reason, extent)

    def given(
        tx: Connection, who: Officer, cycle: CycleHead, now: datetime, via: dict[str, str]
    ) -> OrderReceipt:
        return give_more_time(tx, who.id, cycle.id, more, now, seen_version=cycle.version, via=via)

    follows = f"Hạn mới: hết {more.until:%d/%m/%Y}; các bước sau lùi theo, không quá ngày khóa của kỳ."
    _order(item, period, officer, organisation, plan, yes, as_json, data, follows, given)


def _day(typed: str) -> date:
    day = sent_day(typed)
    if day is None:
        raise NotAllowed(f"“{typed}” không phải một ngày.", cure="Viết như 2026-04-10.")
    return day


def _order(
    item: str,
    period: str,
    officer: str,
    organisation: str,
    plan: int | None,
    yes: bool,
    as_json: bool,
    data: Any,
    follows: str,
    given: Given,
) -> None:
    """Asks, gives the order and says what was recorded."""
    store = open_store(settings_of(data))
    head = period_for(store, period, organisation, plan)
    with store.reading() as tx:
        who = officer_named(tx, head.organisation_id, officer)
        cycle_id = cycles_of_items(tx, head.id).get(item.strip().upper())
        if cycle_id is None:
            raise NotFound(
                f"{head.label} không có nội dung mã “{item}”.",
                cure="Xem mã ở bảng theo dõi hoặc: tiendo plan show.",
            )
        cycle = cycle_heads(tx, [cycle_id])[cycle_id]
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise TiendoError(
                "Chưa ghi gì: lệnh này hỏi lại trước khi ghi.", cure="Thêm --yes nếu chắc chắn."
            )
        out.print(f"{escape(cycle.code)} {escape(cycle.content)} ({head.label}, {cycle.stage.label}).")
        out.print(follows)
        if not typer.confirm(f"Ghi với tên {who.name}?"):
            raise typer.Exit(1)
    with store.begin() as tx:
        receipt = given(tx, who, cycle, Clock(store).now(), {"by": who_asks()})
    if as_json:
        say_json(
            {
                "cycle_id": cycle.id,
                "code": cycle.code,
                "order_id": receipt.order_id,
                "number": receipt.number,
                "waits": receipt.waits,
            }
        )
        return
    out.print(f"Đã ghi, số {receipt.number}.")
    if receipt.waits:
        out.print("Chưa có hiệu lực: một người khác của Văn phòng xác nhận trên trang của nội dung.")
