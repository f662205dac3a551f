"""The office's page of figures over periods, with their changes; its own, or its subordinates'.

`GET /o/{token}/rollup`    `?span=2026-Q1|2026&by=section|unit|leader|kind|organisation&of=below&period=`
The same table as a file is `/o/{token}/tables/rollup.{form}` (`workflow.web.table_pages`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.domain.comparing import Compared, Grouping
from workflow.domain.errors import TiendoError
from workflow.domain.period import Span
from workflow.reports.rollup_table import bars, line
from workflow.storage.comparing import Comparison, compare, spans_known
from workflow.storage.rollups_below import Below, figures_below
from workflow.storage.subordinates import subordinates
from workflow.storage.viewing import PeriodHead
from workflow.web.office_pages import AtPage, office_frame, office_period
from workflow.web.pages import page
from workflow.web.paging import paged
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

OWN, BELOW = "own", "below"


@dataclass(frozen=True, slots=True)
class Wanted:
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


def wanted_of(tx: Connection, head: PeriodHead, asked: Mapping[str, str]) -> Wanted:
    """The question asked, held within what there is; the period's own span where none is named."""
    under = subordinates(tx, head.organisation_id)
    of = BELOW if under and asked.get("of") == BELOW else OWN
    whose = [one.id for one in under] if of == BELOW else [head.organisation_id]
    spans = tuple(spans_known(tx, whose))
    try:
        span = Span.parse(asked.get("span") or head.code)
    except TiendoError:
        span = Span.parse(head.code)
    if span not in spans and spans:
        span = spans[0]
    default = Grouping.ORGANISATION if of == BELOW else Grouping.SECTION
    by = Grouping(asked["by"]) if asked.get("by") in list(Grouping) else default
    if by is Grouping.ORGANISATION and of == OWN:
        by = Grouping.SECTION
    return Wanted(span, by, of, spans, bool(under))


def answer_of(
    tx: Connection, head: PeriodHead, wanted: Wanted, now: datetime
) -> tuple[Comparison | None, Below | None]:
    """The figures asked for: the organisation's own, or those below it."""
    if wanted.of == BELOW:
        return None, figures_below(tx, head.organisation_id, wanted.span, wanted.by)
    return compare(tx, head.organisation_id, wanted.span, wanted.by, now), None


def rows_of(found: Comparison | Below | None) -> list[Compared]:
    """The rows of the table, the whole last."""
    return [] if found is None else [*found.rows, found.whole]


@router.api_route("/o/{token}/rollup", methods=["GET", "HEAD"])
def rollup_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", page_number: AtPage = ""
) -> HTMLResponse:
    """The figures of a span by a grouping, with their changes."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        wanted = wanted_of(tx, head, request.query_params)
        own, below = answer_of(tx, head, wanted, site.clock.now())
    found = own or below
    return page(
        request,
        "rollup.html",
        wanted=wanted,
        query=urlencode({"period": head.code} | wanted.fields),
        own=own,
        below=below,
        found=found,
        pages=paged([line(row) for row in found.rows] if found else [], page_number),
        whole=line(found.whole) if found else None,
        chart=bars(found.rows) if found else None,
        **office_frame(holder, head, known, "rollup"),
    )
