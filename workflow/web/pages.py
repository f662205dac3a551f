"""Rendering: one Jinja2 environment a language, with the words, filters and addresses templates use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.domain.calendar import VIETNAM
from workflow.domain.cycles.cycle import Stage
from workflow.domain.plans.sections import printed_code
from workflow.domain.vietnamese import day, number, percent, quantity
from workflow.domain.words import Day, Words
from workflow.i18n import LANGUAGE_NAMES, languages, speak
from workflow.importing.tables.table import place_from_text
from workflow.paths import templates_dir
from workflow.web.static_files import static
from workflow.web.uses_in_words import agent, use


@cache
def environment(language: str) -> Environment:
    """The environment of a language."""
    found = Environment(
        loader=FileSystemLoader(templates_dir()),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    speak(found, language)
    found.filters |= {
        "day": day,
        "day_and_month": day_and_month,
        "iso_day": iso_day,
        "points": points,
        "moment": _moment,
        "number": number,
        "percent": percent,
        "printed": printed_code,
        "quantity": quantity,
        "size": size,
        "weekday": weekday,
        "place": place_from_text,
        "by_section": by_section,
        "by_lead": by_lead,
        "agent": agent,
        "use": use,
    }
    found.globals |= {"static": static, "Stage": Stage}
    return found


def language_of(request: Request) -> str:
    """The reader's language: that of `?lang=`, else the cookie's, else the deployment's."""
    asked = (request.query_params.get("lang", ""), request.cookies.get("lang", ""))
    known = (one for one in asked if one in languages())
    return next(known, request.app.state.site.settings.language)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page of a template in the reader's language.

    Asking by `?lang=` is remembered in a cookie; nothing of ours is changed by it.
    """
    language = language_of(request)
    given = {"other_languages": _other_languages(request, language), **context}
    rendered = environment(language).get_template(f"pages/{template}").render(given)
    answer = HTMLResponse(rendered, status)
    if request.query_params.get("lang") == language:
        answer.set_cookie(
            "lang",
            language,
            max_age=366 * 86_400,
            httponly=True,
            samesite="lax",
            secure=request.app.state.site.is_https,
        )
    return answer


def _other_languages(request: Request, language: str) -> list[tuple[str, str, str]]:
    """The other languages of the same page: code, name, address. What answers a posted form has no address
    to come back to."""
    if request.method != "GET":
        return []
    return [
        (one, LANGUAGE_NAMES.get(one, one), "?" + urlencode(_asking(request, one)))
        for one in languages()
        if one != language
    ]


def _asking(request: Request, language: str) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return [*kept, ("lang", language)]


def by_section(entries: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Entries about cycles, or (key, entry) pairs, under the headings of the plan in their order."""
    found: dict[tuple[str, ...], tuple[str, list[Any]]] = {}
    for entry in entries:
        cycle = (entry[1] if isinstance(entry, tuple) else entry).cycle
        found.setdefault(cycle.section_codes, (cycle.section, []))[1].append(entry)
    return list(found.values())


def by_lead(entries: Iterable[tuple[str, Any]]) -> list[tuple[str, list[tuple[str, Any]]]]:
    """(key, entry) pairs about cycles under the units that lead them, in the order they come."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for key, entry in entries:
        found.setdefault(", ".join(entry.cycle.leads), []).append((key, entry))
    return list(found.items())


@pass_context
def _moment(context: Context, value: datetime) -> str:
    """A moment by the organisation's clock: `14:05 ngày 05/03/2026`."""
    zone = ZoneInfo(context.get("zone") or VIETNAM)
    local = value.astimezone(zone)
    return Words("%(time)s ngày %(day)s", time=f"{local:%H:%M}", day=day(local.date()))


def points(kept: Any) -> str:
    """Points as stored, with a decimal comma and every place they were rounded to: `8,00`."""
    return (f"{kept:f}" if isinstance(kept, Decimal) else str(kept)).replace(".", ",")


def day_and_month(value: date) -> str:
    """A day for the axis of a chart: `05/03`."""
    return Day(f"{value:%d/%m}", value, has_year=False)


def iso_day(kept: str) -> str:
    """The day of an ISO date string, in figures."""
    return day(date.fromisoformat(kept))


def size(count: int) -> str:
    """A file's size: `340 KB`, `1,2 MB`."""
    if count < 1_000_000:
        return f"{max(count // 1000, 1)} KB"
    return f"{number(Decimal(count) / 1_000_000, 1)} MB"


def weekday(value: date) -> str:
    """A day with its name: `thứ Hai, 16/03/2026`."""
    return Words("%(weekday)s, %(day)s", weekday=_WEEKDAYS[value.weekday()], day=day(value))


_WEEKDAYS = (
    Words("thứ Hai"),
    Words("thứ Ba"),
    Words("thứ Tư"),
    Words("thứ Năm"),
    Words("thứ Sáu"),
    Words("thứ Bảy"),
    Words("Chủ nhật"),
)
