"""The office's page of figures over periods, with their changes; its own, or its subordinates'.

`GET /o/{token}/rollup`           `?span=2026-Q1&by=section|unit|leader|kind|organisation&of=below&period=`
`GET /o/{token}/rollup/{form}`    the same table as a file; `form`: csv or xlsx
An organisation that only has others below it needs no period of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.results.comparing import Grouping
from workflow.reports.sheets.rollup_table import bars, file_columns, file_rows, line
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.people.subordinates import subordinates
from workflow.storage.results.comparing import SpanComparison, compare, spans_known
from workflow.storage.results.rollups_below import Below, figures_below
from workflow.web.frames import AtPage, plain_frame
from workflow.web.pages import page
from workflow.web.paging import paged
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.tables import Form, TableFile, table_answer

router = APIRouter(include_in_schema=False)

OWN, BELOW = "own", "below"


@dataclass(frozen=True, slots=True)
class RollupQuestion:
    """What is asked for: a span, a grouping, whose figures. `spans` are those to choose from; `has_below`:
    there are subordinates."""

    span: Span
    by: Grouping
    of: str
    spans: tuple[Span, ...]
    has_below: bool

    @property
    def groupings(self) -> list[Grouping]:
        """What the table may have rows for."""
        return [one for one in Grouping if self.of == BELOW or one is not Grouping.ORGANISATION]

    @property
    def fields(self) -> dict[str, str]:
        """The question as an address has it."""
        return {"span": self.span.code, "by": self.by.value, "of": self.of}


@dataclass(frozen=True, slots=True)
class RollupView:
    """What the page shows: the question, the figures asked for, its own or those below, and its frame."""

    wanted: RollupQuestion
    own: SpanComparison | None
    below: Below | None
    frame: dict[str, Any]

    @property
    def found(self) -> SpanComparison | Below | None:
        """The figures, whosever they are; None where there are none."""
        return self.own or self.below


def _answer(site: Site, holder: Holder, asked: Mapping[str, str]) -> RollupView:
    now = site.clock.now()
    organisation_id = holder.link.organisation_id
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "rollup", asked.get("period", ""))
        today = organisation_calendar(tx, organisation_id).day_of(now)
        own_code = frame["period"].code if frame["period"] else str(today.year)
        wanted = _wanted(tx, organisation_id, Span.parse(own_code), asked)
        if wanted.of == BELOW:
            below = figures_below(tx, organisation_id, wanted.span, wanted.by)
            return RollupView(wanted, None, below, frame)
        return RollupView(wanted, compare(tx, organisation_id, wanted.span, wanted.by, now), None, frame)


def _wanted(tx: Connection, organisation_id: int, own_span: Span, asked: Mapping[str, str]) -> RollupQuestion:
    """The query, limited to existing values; the link's own period where none is named."""
    under = subordinates(tx, organisation_id)
    of = BELOW if under and asked.get("of") == BELOW else OWN
    spans = tuple(spans_known(tx, [one.id for one in under] if of == BELOW else [organisation_id]))
    try:
        span = Span.parse(asked.get("span", ""))
    except TiendoError:
        span = own_span
    if span not in spans and spans:
        span = spans[0]
    by = Grouping(asked["by"]) if asked.get("by") in list(Grouping) else None
    if of == OWN and by in (None, Grouping.ORGANISATION):
        by = Grouping.SECTION
    return RollupQuestion(span, by or Grouping.ORGANISATION, of, spans, bool(under))


@router.api_route("/o/{token}/rollup", methods=["GET", "HEAD"])
def rollup_page(request: Request, site: AtSite, holder: AsOfficer, page_number: AtPage = "") -> HTMLResponse:
    """The figures of a span by a grouping, with their changes."""
    answer = _answer(site, holder, request.query_params)
    found, wanted, period = answer.found, answer.wanted, answer.frame["period"]
    return page(
        request,
        "reports/rollup.html",
        wanted=wanted,
        query=urlencode(({"period": period.code} if period else {}) | wanted.fields),
        own=answer.own,
        below=answer.below,
        found=found,
        pages=paged([line(row) for row in found.rows] if found else [], page_number),
        whole=line(found.whole) if found else None,
        chart=bars(found.rows) if found else None,
        **answer.frame,
    )


@router.api_route("/o/{token}/rollup/{form}", methods=["GET", "HEAD"])
def rollup_file(request: Request, site: AtSite, holder: AsOfficer, form: Form) -> Response:
    """The page's table as a file."""
    answer = _answer(site, holder, request.query_params)
    found, wanted = answer.found, answer.wanted
    title = f"Tổng hợp {wanted.span.label}"
    table = TableFile(
        f"tong-hop-{wanted.by.value}-{wanted.span.code}",
        title.replace("/", "-"),
        f"{answer.frame['organisation']} – {title}",
        file_columns(wanted.by),
        file_rows([*found.rows, found.whole] if found else []),
        2,
    )
    return table_answer(table, form)
