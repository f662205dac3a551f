"""A person's address mended by the office: it is checked, logged, and the links sent to the old one end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from workflow.domain.addresses import ascii_address
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.storage.access.taking_away import Reach, take_away
from workflow.storage.audit import AuditEntry, record
from workflow.storage.private_values import sealed
from workflow.storage.tables import persons


def mend_address(
    tx: Connection,
    officer_id: int | None,
    organisation_id: int,
    person_id: int,
    email: str,
    now: datetime,
    *,
    ends_links: bool = True,
    but_link: int = 0,
) -> int | None:
    """Writes a person's new address into the directory and the organisation's log, and ends every link of the
    person, whatever mail it came by, unless `ends_links` says otherwise. Says how many ended; None where the
    address is the one on file."""
    person = tx.execute(
        select(persons)
        .where(persons.c.id == person_id, persons.c.organisation_id == organisation_id)
        .with_for_update()
    ).first()
    if person is None:
        raise NotFound(Words("Không có người nhận này trong danh bạ."))
    email = email.strip()
    if email == person.email:
        return None
    check_address(tx, organisation_id, person_id, email)
    tx.execute(update(persons).where(persons.c.id == person_id).values(email=email))
    details = {
        "person": person_id,
        "from": sealed(tx, person_id, person.email),
        "to": sealed(tx, person_id, email),
    }
    record(tx, organisation_id, now, AuditEntry("address-mended", officer_id, details))
    if not ends_links:
        return 0
    # What did not arrive is sent again, with links of its own.
    return take_away(
        tx, officer_id, organisation_id, person_id, now, reach=Reach(but=but_link), sends_new=False
    )


def check_address(tx: Connection, organisation_id: int, person_id: int, email: str) -> None:
    """Refuses an address that is none, or that is another person's of the organisation."""
    try:
        ascii_address(email)
    except ValueError:
        raise NotAllowed(
            Words("“%(email)s” không phải là một địa chỉ thư.", email=email),
            cure=Words("Viết như ten@donvi.vn."),
        ) from None
    other = tx.execute(
        select(persons.c.name, persons.c.is_active).where(
            persons.c.organisation_id == organisation_id,
            func.lower(persons.c.email) == email.lower(),
            persons.c.id != person_id,
        )
    ).first()
    if other:
        cure = Words("Kiểm tra lại địa chỉ.")
        if not other.is_active:
            cure = Words("Người này đã thôi; nếu trở lại thì mở trang của họ và đưa lại vào danh bạ.")
        raise Conflict(
            Words("Địa chỉ %(email)s đang là của %(name)s.", email=email, name=other.name), cure=cure
        )
