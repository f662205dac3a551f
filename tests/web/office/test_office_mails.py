"""The office's page of mails: who was not reached and why, an address mended and the mails sent again."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from tests.builders import a_link, a_plan
from tests.web.visiting import Visit, a_visit, form_of, page_of, post, text_of
from workflow.storage.access.links import Purpose
from workflow.storage.private_values import revealed
from workflow.storage.tables import audit, outbox, persons


def a_failed_mail(folder: Path, error: str = "550 5.1.1 no such user") -> Visit:
    visit = a_visit(folder, plan=a_plan(1))
    with visit.opened.store.begin() as tx:
        tx.execute(
            update(outbox)
            .where(outbox.c.person_id == visit.opened.person("ubnd"))
            .values(state="failed", error=error, undelivered_at=visit.opened.now)
        )
    return visit


def office(visit: Visit, path: str = "/mails"):
    return visit.client.get(f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}{path}")


def mail_row(visit: Visit):
    with visit.opened.store.reading() as tx:
        return tx.execute(select(outbox).where(outbox.c.person_id == visit.opened.person("ubnd"))).one()


def test_who_was_not_reached_stands_first_with_why_in_plain_words(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path)
    page = office(visit)
    (card,) = page_of(page).select("article.card")
    told = " ".join(card.get_text(" ").split())
    assert "Nguyễn Thị Minh Hằng" in told
    assert "Bên nhận không có hộp thư này. Kiểm tra lại địa chỉ với người nhận." in told
    assert "550 5.1.1 no such user" in told
    assert "1 thư không tới nơi. Sửa địa chỉ, gửi lại" in text_of(office(visit, ""))


def test_an_address_is_mended_and_the_mail_sent_again_in_one_form(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path)
    old = a_link(visit.opened, "ubnd")
    form = form_of(office(visit), "/again?period=2026-Q1")
    assert form.fields["email"] == "ubnd@hoaxuan.example"
    answer = post(visit, form, form.filled(email="minhhang@hoaxuan.example"))
    assert "Đã xếp 1 thư vào hàng gửi lại." in text_of(answer)
    assert page_of(answer).select("article.card") == []
    row = mail_row(visit)
    assert (row.state, row.error, row.attempts) == ("retry", "", 0)
    with visit.opened.store.reading() as tx:
        person = visit.opened.person("ubnd")
        assert tx.scalar(select(persons.c.email).where(persons.c.id == person)) == "minhhang@hoaxuan.example"
        entry = tx.execute(select(audit).where(audit.c.verb == "address-mended")).one()
        (told,) = revealed(tx, [entry.details])
    assert told == {
        "person": person,
        "from": "ubnd@hoaxuan.example",
        "to": "minhhang@hoaxuan.example",
    }
    assert "hoaxuan" not in str(entry.details)
    assert visit.client.get(f"/l/{old}").status_code == 410


def test_the_office_may_keep_the_links_that_went_to_the_former_address(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path)
    kept = a_link(visit.opened, "ubnd")
    form = form_of(office(visit), "/again?period=2026-Q1")
    post(visit, form, form.filled(email="minhhang@hoaxuan.example", keep="1"))
    assert visit.client.get(f"/l/{kept}").status_code == 200


def test_the_same_address_only_sends_again(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path, "452 4.2.2 over quota")
    form = form_of(office(visit), "/again?period=2026-Q1")
    post(visit, form, form.filled())
    assert mail_row(visit).state == "retry"
    with visit.opened.store.reading() as tx:
        assert tx.execute(select(audit).where(audit.c.verb == "address-mended")).all() == []


def test_an_address_that_is_none_or_anothers_changes_nothing(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path)
    form = form_of(office(visit), "/again?period=2026-Q1")
    for typed, why in (
        ("hằng@hoaxuan.example", "không phải là một địa chỉ thư"),
        ("MTTQ@hoaxuan.example", "đang là của Trần Văn Phúc"),
    ):
        answer = post(visit, form, form.filled(email=typed))
        assert answer.status_code == 409
        assert why in text_of(answer)
        assert form_of(answer, "/again?period=2026-Q1").fields["email"] == typed
    assert mail_row(visit).state == "failed"


def test_a_post_without_the_page_or_for_a_stranger_changes_nothing(tmp_path: Path) -> None:
    visit = a_failed_mail(tmp_path)
    form = form_of(office(visit), "/again?period=2026-Q1")
    assert visit.client.post(form.action, data={"email": "a@b.example"}).status_code == 403
    theirs = form.action.replace(f"/mails/{visit.opened.person('ubnd')}/", "/mails/9999/")
    assert visit.client.post(theirs, data=form.filled()).status_code == 404
    assert mail_row(visit).state == "failed"
