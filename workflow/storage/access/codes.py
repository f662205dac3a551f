"""One-time codes: six digits mailed to the address on file, entered in the browser that asked for them.

A code is drawn when its mail is composed, so that it is in the mail and nowhere else; its hash is stored. It
is bound to a person, a period and a browser, valid for ten minutes, and void after five wrong tries.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Connection, func, select, update

from workflow.storage.post import intents
from workflow.storage.tables import codes

LASTS = timedelta(minutes=10)
TRIES = 5
TRUSTED = timedelta(minutes=60)
"""How long a browser in which a code was entered needs no other."""

_MOST_AN_HOUR = 6
"""Codes asked for by a person in an hour; further ones are not mailed."""


class CodeRequest(Enum):
    """The result of asking for a code."""

    MAILED = "mailed"
    UNDER_WAY = "under-way"
    """One asked for before is still valid."""
    TOO_OFTEN = "too-often"


class Entered(Enum):
    """The result of entering a code."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_YET = "not-yet"
    """One was asked for, and its mail has not gone out."""
    DEAD = "dead"
    """None is valid for this browser: never asked for, too old, or tried too often."""


def is_trusted(tx: Connection, person_id: int, period_id: int, browser: str, now: datetime) -> bool:
    """Whether a code was entered in this browser lately."""
    entered = select(codes.c.id).where(
        codes.c.person_id == person_id,
        codes.c.period_id == period_id,
        codes.c.browser_sha256 == _hash(browser),
        codes.c.entered_at.is_not(None),
        codes.c.expires_at > now,
    )
    return bool(browser) and tx.scalar(entered.limit(1)) is not None


def ask(
    tx: Connection,
    organisation_id: int,
    person_id: int,
    period_id: int,
    browser: str,
    now: datetime,
    *,
    anew: bool = False,
) -> CodeRequest:
    """Has a code mailed for this browser, unless one is still valid; `anew` replaces that one."""
    mine = (codes.c.person_id == person_id, codes.c.period_id == period_id, codes.c.entered_at.is_(None))
    here = codes.c.browser_sha256 == _hash(browser)
    lately = codes.c.asked_at > now - LASTS
    if not anew and tx.scalar(select(codes.c.id).where(*mine, here, lately, codes.c.tries < TRIES).limit(1)):
        return CodeRequest.UNDER_WAY
    asked = select(func.count()).where(
        codes.c.person_id == person_id, codes.c.asked_at > now - timedelta(hours=1)
    )
    if (tx.scalar(asked) or 0) >= _MOST_AN_HOUR:
        return CodeRequest.TOO_OFTEN
    tx.execute(update(codes).where(*mine, here).values(tries=TRIES))
    code_id = tx.execute(
        codes.insert()
        .values(person_id=person_id, period_id=period_id, browser_sha256=_hash(browser), asked_at=now)
        .returning(codes.c.id)
    ).scalar_one()
    intents.intend(tx, intents.CODE, organisation_id, period_id, [person_id], {"code": code_id}, now)
    return CodeRequest.MAILED


def draw(tx: Connection, code_id: int, now: datetime) -> str | None:
    """The six digits for the mail, or None where nobody waits for them any more. A new one is drawn each time
    the mail is composed: only the last one mailed is valid."""
    row = tx.execute(select(codes).where(codes.c.id == code_id).with_for_update()).one()
    if row.entered_at is not None or row.tries >= TRIES or row.asked_at < now - LASTS:
        return None
    digits, salt = f"{secrets.randbelow(10**6):06}", secrets.token_hex(8)
    tx.execute(
        update(codes)
        .where(codes.c.id == code_id)
        .values(salt=salt, digest=_digest(digits, salt), expires_at=now + LASTS)
    )
    return digits


def enter(
    tx: Connection, person_id: int, period_id: int, browser: str, digits: str, now: datetime
) -> Entered:
    """Compares what was typed with the code of this browser; a wrong try is counted in any case."""
    row = tx.execute(
        select(codes)
        .where(
            codes.c.person_id == person_id,
            codes.c.period_id == period_id,
            codes.c.browser_sha256 == _hash(browser),
            codes.c.entered_at.is_(None),
            codes.c.asked_at > now - LASTS,
            codes.c.tries < TRIES,
        )
        .order_by(codes.c.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if row is None or (row.expires_at and row.expires_at <= now):
        return Entered.DEAD
    if not row.digest:
        return Entered.NOT_YET
    mine = codes.c.id == row.id
    if hmac.compare_digest(_digest(digits, row.salt), row.digest):
        tx.execute(update(codes).where(mine).values(entered_at=now, expires_at=now + TRUSTED))
        return Entered.RIGHT
    tx.execute(update(codes).where(mine).values(tries=row.tries + 1))
    return Entered.WRONG if row.tries + 1 < TRIES else Entered.DEAD


def _hash(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def _digest(digits: str, salt: str) -> str:
    # Slow on purpose: there are only a million codes.
    return hashlib.scrypt(digits.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()
