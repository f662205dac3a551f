"""What stands around the content of every page: of the office's, and of a link holder's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Query
from sqlalchemy import Connection

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.cycles.heads import organisation_name
from workflow.storage.periods.periods import Period, own_periods
from workflow.web.menu import menu
from workflow.web.site import Holder

AtPage = Annotated[str, Query(alias="page")]


def office_period(
    tx: Connection, holder: Holder, asked: str, period_id: int | None = None
) -> tuple[Period, Sequence[Period]]:
    """The period of that id or asked for by code, else the link's own, else the one opened last; and all
    there are."""
    known = own_periods(tx, holder.link.organisation_id)
    if not known:
        raise NotFound(
            Words("Chưa mở kỳ báo cáo nào."), cure=Words("Mở kỳ ở trang %(base)s/periods.", base=holder.base)
        )
    wanted = holder.period_id if period_id is None else period_id
    # The work under way is of a period in which units report.
    newest = next((one for one in known if one.evaluation is None), known[0])
    own = next((one for one in known if one.id == wanted), newest)
    if asked:
        # Two plans may have periods of one code: the link's own period goes before the newest.
        named = [one for one in (own, *known) if one.code == asked]
        if not named:
            raise NotFound(Words("Không có kỳ báo cáo “%(asked)s”.", asked=asked))
        own = named[0]
    return own, known


def office_frame(holder: Holder, period: Period, known: Iterable[Period], at: str) -> dict[str, Any]:
    """What every page of the office shows around its content."""
    return {
        "base": holder.base,
        "person": holder.link.person,
        "may_act": holder.may_act,
        "sign_out": holder.sign_out,
        "period": period,
        "periods": tuple(known),
        "organisation": period.organisation,
        "zone": period.zone,
        "menu": menu(holder.base, period.code, at),
    }


def plain_frame(tx: Connection, holder: Holder, at: str, asked: str = "") -> dict[str, Any]:
    """The frame of a page that is there before any period is."""
    if own_periods(tx, holder.link.organisation_id):
        return office_frame(holder, *office_period(tx, holder, asked), at)
    name, zone = organisation_name(tx, holder.link.organisation_id)
    return {
        "base": holder.base,
        "person": holder.link.person,
        "may_act": holder.may_act,
        "sign_out": holder.sign_out,
        "period": None,
        "periods": (),
        "organisation": name,
        "zone": zone,
        "menu": menu(holder.base, "", at),
    }


def context_of(holder: Holder, period: Period, now: datetime) -> dict[str, Any]:
    """What every page of a person shows around its content."""
    return {
        "base": holder.base,
        "person": holder.link.person,
        "period": period,
        "organisation": period.organisation,
        "zone": period.zone,
        "you": period.kind.words.you,
        "today": now.astimezone(ZoneInfo(period.zone)).date(),
    }
