"""The box to tick, the one-time code, the receipts by mail, and the bounds on what is posted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_link, a_plan, confirmed, submitted
from tests.web.visiting import Form, Visit, a_visit, form_of, page_of, post, text_of
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.rules.routing_rules import ApprovalRule, MailRule, Rules, Shows
from workflow.domain.words import restored
from workflow.storage import Store
from workflow.storage.access import codes, links
from workflow.storage.tables import ballots, link_uses, outbox, submissions
from workflow.storage.tables import codes as codes_table
from workflow.web.limiting import Limit, Limits, Rate, TooMany, network_of

WITH_CODE = Rules(approval=ApprovalRule(one_time_code=True))


def _to_vote(tmp_path: Path, n_items: int = 2, **period: Any) -> Visit:
    visit = a_visit(tmp_path, plan=a_plan(n_items), **period)
    for cycle in visit.opened.cycles:
        submitted(visit.opened, cycle)
        confirmed(visit.opened, cycle, "mttq", "cong-an")
    return visit


def _vote_form(visit: Visit, token: str = "") -> Form:
    return form_of(visit.client.get(f"/l/{token or a_link(visit.opened, 'bi-thu')}"), "/vote")


# The box.


def test_without_the_box_nothing_is_recorded_and_the_choices_come_back(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    one = visit.opened.cycles[0]
    form = _vote_form(visit)
    response = post(visit, form, form.fields | {"rest": "approve", f"choice-{one}": "abstain"})
    assert response.status_code == 400
    assert "xin đánh dấu vào ô xác nhận" in text_of(response)
    again = form_of(response, "/vote")
    assert again.fields[f"choice-{one}"] == "abstain"
    assert visit.count(ballots) == 0


def test_only_a_report_form_that_came_filled_in_has_the_box(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    first, second, _ = visit.opened.cycles
    submitted(visit.opened, first)
    confirmed(visit.opened, first, "mttq", verdict=Verdict.OBJECT, reason="Thiếu.")
    token = a_link(visit.opened, "ubnd")
    returned = form_of(visit.client.get(f"/l/{token}/report/{first}"))
    assert not form_of(visit.client.get(f"/l/{token}/report/{second}")).is_asked
    response = post(visit, returned, returned.fields)
    assert response.status_code == 422
    assert "Đánh dấu vào ô này" in text_of(response)
    assert visit.count(submissions) == 1


# The code.


def _code_of(visit: Visit, box: str = "bi-thu") -> str:
    """Draws the code as the mailer does."""
    with visit.opened.store.begin() as tx:
        asked = select(outbox.c.context).where(
            outbox.c.kind == "code", outbox.c.person_id == visit.opened.person(box)
        )
        context = tx.scalars(asked.order_by(outbox.c.id.desc())).first()
        assert context
        digits = codes.draw(tx, context["code"], visit.clock.now())
    assert digits
    return digits


def test_a_ballot_counts_only_with_the_code_and_keeps_its_choices_till_then(
    tmp_path: Path, store: Store
) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE, store=store)
    one, two = visit.opened.cycles
    form = _vote_form(visit)
    asked = post(visit, form, form.filled(rest="approve") | {f"choice-{one}": "return", f"reason-{one}": "A"})
    assert "2 phiếu của đồng chí chưa được ghi nhận" in text_of(asked)
    assert visit.count(ballots) == 0
    code = form_of(asked, "/vote")
    assert "Đã ghi nhận" in text_of(post(visit, code, code.filled(code=_code_of(visit))))
    with visit.opened.store.reading() as tx:
        cast = dict(tx.execute(select(ballots.c.cycle_id, ballots.c.choice)).all())
    assert cast == {one: "return", two: "approve"}


def test_a_browser_that_entered_the_code_is_not_asked_again_for_a_while(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    one, two = visit.opened.cycles
    token = a_link(visit.opened, "bi-thu")
    form = _vote_form(visit, token)
    code = form_of(post(visit, form, form.filled(rest="none") | {f"choice-{one}": "approve"}), "/vote")
    post(visit, code, code.filled(code=_code_of(visit)))
    form = _vote_form(visit, token)
    assert "Đã ghi nhận" in text_of(
        post(visit, form, form.filled(rest="none") | {f"choice-{two}": "approve"})
    )
    visit.clock.set(visit.opened.now + timedelta(hours=2))
    form = _vote_form(visit, token)
    response = post(visit, form, form.filled(rest="none") | {f"choice-{two}": "abstain"})
    assert "Nhập mã xác nhận" in text_of(response)


def test_the_code_holds_in_the_browser_that_asked_for_it_alone(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    token = a_link(visit.opened, "bi-thu")
    form = _vote_form(visit, token)
    asked = form_of(post(visit, form, form.filled(rest="approve")), "/vote")
    digits = _code_of(visit)
    visit.client.cookies.clear()
    post(visit, asked, asked.filled(code=digits))
    assert visit.count(ballots) == 0


def test_after_five_wrong_tries_the_right_code_is_dead_too(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    form = _vote_form(visit)
    asked = form_of(post(visit, form, form.filled(rest="approve")), "/vote")
    digits = _code_of(visit)
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    told = [text_of(post(visit, asked, asked.filled(code=wrong))) for _ in range(5)]
    assert "Mã chưa đúng" in told[0]
    assert "nhập sai quá nhiều lần" in told[4]
    assert "nhập sai quá nhiều lần" in text_of(post(visit, asked, asked.filled(code=digits)))
    again = post(visit, asked, asked.filled(again="1"))
    assert again.status_code == 200
    assert "Đã ghi nhận" in text_of(post(visit, asked, asked.filled(code=_code_of(visit))))


def test_a_code_whose_mail_is_still_under_way_is_not_called_dead(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    form = _vote_form(visit)
    asked = form_of(post(visit, form, form.filled(rest="approve")), "/vote")
    assert "đang được gửi" in text_of(post(visit, asked, asked.filled(code="123456")))
    assert "Đã ghi nhận" in text_of(post(visit, asked, asked.filled(code=_code_of(visit))))


def test_a_code_is_over_after_ten_minutes(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    form = _vote_form(visit)
    asked = form_of(post(visit, form, form.filled(rest="approve")), "/vote")
    digits = _code_of(visit)
    visit.clock.set(visit.opened.now + timedelta(minutes=11))
    assert "hết hạn" in text_of(post(visit, asked, asked.filled(code=digits)))
    assert visit.count(ballots) == 0


def test_codes_are_kept_as_hashes_and_not_mailed_without_end(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, rules=WITH_CODE)
    form = _vote_form(visit)
    asked = form_of(post(visit, form, form.filled(rest="approve")), "/vote")
    digits = _code_of(visit)
    for _ in range(10):
        response = post(visit, asked, asked.filled(again="1"))
    assert "quá nhiều mã" in text_of(response)
    with visit.opened.store.reading() as tx:
        kept = tx.execute(select(codes_table)).all()
        contexts = tx.scalars(select(outbox.c.context).where(outbox.c.kind == "code")).all()
    assert len(kept) == 6
    assert digits not in repr(kept)
    assert all(set(context) == {"code"} for context in contexts)


# The receipt.


def _receipts(visit: Visit) -> list[Any]:
    with visit.opened.store.reading() as tx:
        return list(tx.execute(select(outbox).where(outbox.c.kind == "receipt").order_by(outbox.c.id)))


def _send_report(visit: Visit, place: int) -> None:
    address = f"/l/{a_link(visit.opened, 'ubnd')}/report/{visit.opened.cycles[place]}"
    form = form_of(visit.client.get(address))
    post(visit, form, form.filled(progress="40", body="Đang làm."))


def test_an_evenings_reports_are_told_in_one_receipt_that_waits_for_the_last(
    tmp_path: Path, store: Store
) -> None:
    visit = a_visit(tmp_path, plan=a_plan(5), store=store)
    for place in range(5):
        _send_report(visit, place)
        visit.clock.set(visit.clock.now() + timedelta(minutes=8))
    (receipt,) = _receipts(visit)
    assert [restored(act["said"]) for act in receipt.context["acts"]] == ["Đã gửi báo cáo, tiến độ 40%"] * 5
    assert len({act["number"] for act in receipt.context["acts"]}) == 5
    assert receipt.not_before == visit.opened.now + timedelta(minutes=4 * 8 + 10)


def test_one_who_never_rests_gets_the_receipt_after_four_hours(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    _send_report(visit, 0)
    visit.clock.set(visit.opened.now + timedelta(hours=3, minutes=58))
    _send_report(visit, 1)
    (receipt,) = _receipts(visit)
    assert receipt.not_before == visit.opened.now + timedelta(hours=4)


def test_what_is_sent_after_a_receipt_went_out_begins_another(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(2))
    _send_report(visit, 0)
    with visit.opened.store.begin() as tx:
        tx.execute(outbox.update().where(outbox.c.kind == "receipt").values(state="sent"))
    _send_report(visit, 1)
    assert [len(one.context["acts"]) for one in _receipts(visit)] == [1, 1]


def test_a_vote_is_told_in_the_words_of_the_page(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    one, two = visit.opened.cycles
    form = _vote_form(visit)
    typed = {f"choice-{two}": "return", f"reason-{two}": "Thiếu ảnh."}
    number = post(visit, form, form.filled(rest="approve") | typed).url.params["receipt"]
    (receipt,) = _receipts(visit)
    assert receipt.person_id == visit.opened.person("bi-thu")
    assert {restored(act["said"]) for act in receipt.context["acts"]} == {"Tán thành", "Trả lại: Thiếu ảnh."}
    assert receipt.context["number"] == number
    assert one != two


def test_a_rule_may_do_without_receipts(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, rules=replace(Rules(), mail=MailRule(receipts=False)))
    _send_report(visit, 0)
    assert _receipts(visit) == []


# The bounds.


def test_a_bound_is_for_each_key_and_fills_up_again() -> None:
    moment = [0.0]
    limit = Limit(Rate(2, 0.5), lambda: moment[0])
    for key in ("a", "a", "b"):
        limit.take(key)
    with pytest.raises(TooMany) as told:
        limit.take("a")
    assert told.value.seconds == 2
    moment[0] = 2.0
    limit.take("a")


def test_an_ipv6_machine_is_one_whatever_address_it_takes() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"
    assert network_of("203.0.113.7") == "203.0.113.7"


def test_guessing_tokens_is_slowed_down_and_holds_up_nobody_with_a_live_link(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    told = [visit.client.get(f"/l/{n:043}") for n in range(60)]
    assert told[0].status_code == 410
    assert told[-1].status_code == 429
    assert 1 <= int(told[-1].headers["retry-after"]) <= 10
    assert "Xin chờ" in text_of(told[-1])
    assert visit.client.get(f"/l/{a_link(visit.opened, 'ubnd')}").status_code == 200


def test_one_link_cannot_post_without_end_and_the_others_of_the_office_can(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    # The clock stands still: a loaded machine would take so long over 250 posts that some are given back.
    site = visit.client.app.state.site
    still = Limits(posts_of_link=Limit(Rate(240, 2), clock=lambda: 0.0))
    visit.client.app.state.site = replace(site, limits=still)
    form = _vote_form(visit)
    codes_told = [post(visit, form, {}).status_code for _ in range(250)]
    assert codes_told[0] == 403
    assert codes_told[-1] == 429
    other = _vote_form(visit, a_link(visit.opened, "pho-bi-thu"))
    assert "Đã ghi nhận" in text_of(post(visit, other, other.filled(rest="approve")))


# Links, as the office sees them.


def _office(visit: Visit) -> str:
    return f"/o/{a_link(visit.opened, 'van-phong', links.Purpose.OFFICE)}"


def test_the_office_takes_links_away_and_has_a_new_one_mailed(tmp_path: Path, store: Store) -> None:
    visit = a_visit(tmp_path, store=store)
    token, base = a_link(visit.opened, "ubnd"), _office(visit)
    visit.client.get(f"/l/{token}", headers={"user-agent": "Mozilla (Android) Chrome/130"})
    address = f"{base}/people/{visit.opened.person('ubnd')}"
    page = visit.client.get(address)
    assert "Chrome trên Android" in text_of(page)
    form = form_of(page)
    assert post(visit, form, form.fields | {"new": "1"}).status_code == 403
    assert visit.client.get(f"/l/{token}").status_code == 200
    assert "Đã thu hồi 1 đường dẫn" in text_of(post(visit, form, form.filled(new="1")))
    assert visit.client.get(f"/l/{token}").status_code == 410
    assert visit.client.get(base).status_code == 200
    with visit.opened.store.reading() as tx:
        notices = tx.execute(select(outbox).where(outbox.c.kind == "notice")).all()
    assert [(row.person_id, row.context["purpose"], row.context["by"]) for row in notices] == [
        (visit.opened.person("ubnd"), "duties", "office")
    ]
    assert "mở bằng đường dẫn đã thu hồi" in text_of(visit.client.get(address))


def test_the_office_keeps_the_link_it_works_by(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    base = _office(visit)
    form = form_of(visit.client.get(f"{base}/people/{visit.opened.person('van-phong')}"))
    post(visit, form, form.filled())
    assert visit.client.get(base).status_code == 200


def test_everyone_is_listed_with_their_live_links(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    a_link(visit.opened, "ubnd")
    rows = page_of(visit.client.get(f"{_office(visit)}/people")).select("tbody tr")
    told = {row.select_one("a").text: row.select_one(".num").get_text(strip=True) for row in rows}  # type: ignore[union-attr]
    assert told["Nguyễn Thị Minh Hằng"] == "1"
    assert told["Trần Văn Phúc"] == "–"


def test_a_refused_form_is_on_record(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path)
    form = _vote_form(visit)
    post(visit, form, {"stamp": "giả"})
    with visit.opened.store.reading() as tx:
        assert "refused POST /vote" in tx.scalars(select(link_uses.c.act)).all()


def test_the_history_tells_address_browser_and_what_was_seen(tmp_path: Path) -> None:
    visit = _to_vote(tmp_path, 1, rules=Rules(approval=ApprovalRule(shows=Shows.NAMES)))
    form = _vote_form(visit)
    firefox = {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"}
    number = post(visit, form, form.filled(rest="approve"), headers=firefox).url.params["receipt"]
    said = text_of(visit.client.get(f"{_office(visit)}/item/{visit.opened.cycles[0]}"))
    told = rf"Hoàng Văn Thành: Tán thành đã xem báo cáo lần thứ 1 số ghi nhận {number} · testclient · "
    assert re.search(told + "Firefox trên Windows", said)
