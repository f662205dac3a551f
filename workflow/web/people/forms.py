"""What the directory's forms share: the entry as the page showed it comes back in the stamp, and a change is
tried before it is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import FormData

from workflow.amending.directory import Done, Editor, Effects
from workflow.amending.directory_checks import Complaint, Unfit
from workflow.storage.people.entries import PersonEntry, UnitEntry
from workflow.web.forms import text_of
from workflow.web.people.words import FieldClash
from workflow.web.site import Holder, Site
from workflow.web.stamps import NotFromThePage


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """What an entry's page shows beside it: what was refused and why, or what would follow."""

    complaints: Sequence[Complaint] = ()
    clashes: Sequence[FieldClash] = ()
    effects: Effects | None = None

    @property
    def status(self) -> int:
        """How the answer is to be taken."""
        return 409 if self.clashes else 400 if self.complaints else 200


def editor_of(site: Site, holder: Holder) -> Editor:
    """Who changes the directory now."""
    return Editor(holder.link.organisation_id, holder.person_id, site.clock.now())


def stamp_of(site: Site, holder: Holder, form: str, seen: UnitEntry | PersonEntry) -> str:
    """A stamp that carries the entry as it was when the page was rendered."""
    text = json.dumps(seen.as_json(), ensure_ascii=False)
    return site.stamps.made(holder.link.id, form, [(seen.id, text)])


def stamped(site: Site, holder: Holder, form: FormData, name: str, entry_id: int) -> list[Any]:
    """The entry as it was when the page was rendered; raises NotFromThePage where the stamp is for another
    entry."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    ((shown_id, text),) = stamp.shown
    if shown_id != entry_id:
        raise NotFromThePage
    found: list[Any] = json.loads(str(text))
    return found


def tried(
    site: Site,
    holder: Holder,
    act: Callable[[Connection], Done],
    is_wanted: Callable[[Done], bool] = lambda _: True,
) -> Done:
    """Does it and, unless it is wanted as it turned out, undoes it."""
    with site.store.begin() as tx:
        with tx.begin_nested() as trial:
            done = act(tx)
            if not is_wanted(done):
                trial.rollback()
                return done
        holder.note(tx, f"directory {done.id}", site.clock.now())
    return done


def looked_at(
    site: Site, holder: Holder, act: Callable[[Connection], Done], complaints: Sequence[Complaint] = ()
) -> tuple[Effects, Sequence[Complaint]]:
    """The consequences, computed in a transaction that is rolled back, and the objections. Nothing is tried
    for a holder who may not act, nor where there are complaints already."""
    if complaints or not holder.may_act:
        return Effects(), complaints
    try:
        return tried(site, holder, act, is_wanted=lambda _: False).effects, ()
    except Unfit as error:
        return Effects(), error.complaints
