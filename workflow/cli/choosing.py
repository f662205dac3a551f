"""Which organisation, plan or period a command is about: the one named, the only one there is, or the one a
person picks. The program never guesses between several: at a terminal they are listed with numbers, without
one the command ends with exit code 2 and says which option to add.

Each question is asked in a transaction of its own, over before a person is waited for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer
from rich.markup import escape

from workflow.cli.text import err, say_error
from workflow.domain.errors import NotFound, TiendoError
from workflow.domain.vietnamese import alphabetical
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.people.subordinates import Organisation, all_organisations, organisation_named
from workflow.storage.periods.periods import Period, all_periods
from workflow.storage.plans.plans import PlanHead, plan_head, running_plan, running_plans

WRONG_CALL = 2
"""The exit code where the call does not say enough."""

Chosen = TypeVar("Chosen")

OrganisationName = Annotated[
    str,
    typer.Option("--organisation", help="Its name or short name; needed where there are several."),
]
PlanNumber = Annotated[
    int | None, typer.Option("--plan", help="The plan's number; the organisation's running plan by default.")
]
PlanOfPeriod = Annotated[
    int | None, typer.Option("--plan", help="The plan's number, where several have such a period.")
]


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Chosen]):
    """One of several: what the option takes for it, and how a person knows it."""

    given: str
    label: str
    chosen: Chosen


def choose(what: str, option: str, choices: Sequence[Candidate[Chosen]]) -> Chosen:
    """The choice a person picks by its number; ends the command with exit code 2 where there is no terminal.
    `what` is the question, `option` the one to add."""
    if len(choices) == 1:
        return choices[0].chosen
    if not sys.stdin.isatty():
        listed = ", ".join(f"{one.given} ({one.label})" for one in choices)
        say_error(TiendoError(what, cure=f"Thêm {option} với một trong: {listed}."))
        raise typer.Exit(WRONG_CALL)
    err.print(escape(what), highlight=False)
    for number, one in enumerate(choices, 1):
        err.print(f"  {number}. {escape(one.label)} [dim]({escape(one.given)})[/]", highlight=False)
    picked = 0
    while not 1 <= picked <= len(choices):
        picked = typer.prompt(f"Chọn số (1 đến {len(choices)})", type=int, err=True)
    return choices[picked - 1].chosen


def _by_name(choices: Iterable[Candidate[Chosen]]) -> list[Candidate[Chosen]]:
    return sorted(choices, key=lambda one: alphabetical(one.label))


def organisation_for(store: Store, named: str) -> Organisation:
    """The organisation of that name or short name; without one, the only one there is, or the one picked.
    Raises NotFound."""
    with store.reading() as tx:
        if named:
            return organisation_named(tx, named)
        known = all_organisations(tx)
    if not known:
        raise NotFound("Chưa có đơn vị nào.", cure="Nạp kế hoạch trước: tiendo plan load.")
    return choose(
        "Có nhiều đơn vị; chưa rõ lệnh này cho đơn vị nào.",
        "--organisation",
        _by_name(Candidate(one.slug, one.name, one) for one in known),
    )


def plan_for(store: Store, named: str, plan_id: int | None) -> PlanHead:
    """The plan of that number, or the running plan of the organisation named; without either, that of the
    only organisation that has one, or of the one picked. Raises NotFound."""
    with store.reading() as tx:
        organisation = organisation_named(tx, named) if named else None
        if plan_id is not None:
            found: PlanHead | None = plan_head(tx, plan_id)
            if organisation and found and found.organisation_id != organisation.id:
                raise NotFound(f"{organisation.name} không có kế hoạch số {plan_id}.")
        else:
            found = running_plan(tx, organisation.id) if organisation else None
        known = running_plans(tx)
        slugs = {one.id: one.slug for one in all_organisations(tx)}
    if found is not None:
        return found
    if organisation is not None or not known:
        whose = f"{organisation.name} chưa" if organisation else "Chưa"
        raise NotFound(f"{whose} có kế hoạch nào.", cure="Nạp kế hoạch trước: tiendo plan load.")
    return choose(
        "Nhiều đơn vị có kế hoạch đang chạy; chưa rõ lệnh này cho đơn vị nào.",
        "--organisation",
        _by_name(Candidate(slugs[one.organisation_id], one.organisation, one) for one in known),
    )


def period_for(store: Store, code: str, named: str = "", plan_id: int | None = None) -> Period:
    """The period of that code, of the organisation named and the plan of that number; without a code, the
    one the organisation opened last. Where several remain, the one picked. Raises NotFound."""
    with store.reading() as tx:
        organisation = organisation_named(tx, named) if named else None
        known = [
            one
            for one in all_periods(tx)
            if (not code or one.code == code.upper())
            and (organisation is None or one.organisation_id == organisation.id)
            and plan_id in (None, one.plan_id)
        ]
        slugs = {one.id: one.slug for one in all_organisations(tx)}
    if not known:
        raise NotFound(
            f"Chưa mở kỳ {code.upper()}." if code else "Chưa mở kỳ báo cáo nào.",
            cure="Xem các kỳ đã mở: tiendo period list.",
        )
    whose = {one.organisation_id: one for one in known}
    owner = choose(
        f"Nhiều đơn vị có kỳ {code.upper()}." if code else "Nhiều đơn vị có kỳ báo cáo.",
        "--organisation",
        _by_name(Candidate(slugs[one.organisation_id], one.organisation, one) for one in whose.values()),
    )
    own = [one for one in known if one.organisation_id == owner.organisation_id]
    if not code:
        # The work under way is of a period in which units report.
        return next((one for one in reversed(own) if one.evaluation is None), own[-1])
    return choose(
        f"Nhiều kế hoạch của {owner.organisation} có kỳ {code.upper()}.",
        "--plan",
        [Candidate(str(one.plan_id), one.plan_number or one.plan_title, one) for one in own],
    )


def period_as_json(period: Period) -> dict[str, Any]:
    """A period for scripts."""
    names = ("id", "organisation_id", "organisation", "plan_id", "code", "label")
    days = ("opens_on", "due_on", "confirm_by", "approve_by", "cut_off", "closed_at")
    return {name: plain(getattr(period, name)) for name in (*names, *days)}
