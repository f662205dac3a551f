"""The API: what a key may see and do, pages, secrecy of ballots, urging once a day, webhooks."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.builders import NOW, a_directory, a_plan, an_open_period, confirmed, submitted, voted
from tests.web.asking import System, a_key, a_system
from workflow.domain.cycles.cycle import Choice
from workflow.domain.events import SUBSCRIBABLE, Event, KeyScope
from workflow.domain.rules.routing_rules import ApprovalRule, Rules, Shows
from workflow.storage import Store
from workflow.storage.access.api_keys import keys_of, revoke_key
from workflow.storage.audit import verify
from workflow.storage.outside.deliveries import deliveries_of
from workflow.storage.outside.events import ADD_DELIVERY, delivery_of, period_changed, undeliverable
from workflow.storage.results.closing import close_period
from workflow.storage.tables import api_tokens, outbox, persons, webhook_deliveries, webhooks
from workflow.web.api.problems import MEDIA_TYPE
from workflow.web.limiting import Limit, Limits, Rate


def _gets(system: System) -> list[str]:
    """Every path that is read, with the ids of the system's own period."""
    opened = system.opened
    ids = {"plan_id": opened.plan_id, "period_id": opened.period_id, "cycle_id": opened.cycles[0]}
    paths = system.ask("/openapi.json").json()["paths"]
    found = [path for path, told in paths.items() if "get" in told and "sha256" not in path]
    return [re.sub(r"{(\w+)}", lambda m: str(ids.get(m[1], 1)), path) for path in found]


# --- keys -----------------------------------------------------------------------------------------------


def test_of_a_key_only_the_hash_is_kept_and_its_last_use(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    system.ask("/organisation")
    with system.opened.store.reading() as tx:
        row = tx.execute(select(api_tokens)).one()
    assert system.token not in str(row)
    assert (row.last_used_at, row.last_used_from) == (NOW, "testclient")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer tiendo_sai", "Basic dGllbmRvOng="])
def test_without_a_live_key_nothing_is_told(tmp_path: Path, given: str) -> None:
    system = a_system(tmp_path)
    for path in _gets(system):
        answer = system.ask(path, headers={"Authorization": given})
        assert (answer.status_code, answer.headers["content-type"]) == (401, MEDIA_TYPE)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_or_expired_key_opens_nothing(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    system.visit.clock.set(NOW + timedelta(days=30))
    assert system.ask("/organisation").status_code == 401
    system.visit.clock.set(NOW)
    assert system.ask("/organisation").status_code == 200
    with system.opened.store.begin() as tx:
        revoke_key(tx, keys_of(tx)[0].id, NOW)
    assert system.ask("/organisation").status_code == 401


def test_a_key_does_what_its_scopes_say_and_no_more(tmp_path: Path) -> None:
    reader = a_system(tmp_path, KeyScope.READ)
    period = f"/periods/{reader.opened.period_id}"
    assert reader.ask(f"{period}/urge", method="POST", json={}).status_code == 403
    assert reader.ask("/webhooks").status_code == 403
    assert "@" not in reader.ask("/persons").text + reader.ask(f"{period}/owing").text
    hooks = System(reader.visit, a_key(reader.opened, KeyScope.WEBHOOKS))
    assert hooks.ask("/webhooks").status_code == 200
    assert hooks.ask(f"{period}/cycles").status_code == 403


def test_a_key_sees_nothing_of_another_organisation(tmp_path: Path) -> None:
    system = a_system(tmp_path, plan=a_plan(2))
    other = an_open_period(system.opened.store, directory=a_directory("Đảng ủy phường Khác"))
    theirs = System(system.visit, a_key(other))
    made = {"name": "x", "url": "https://example.com/", "events": ["period.closed"]}
    hook = theirs.ask("/webhooks", method="POST", json=made).json()["id"]
    assert submitted(other, other.cycles[0]).count == 1
    for path in (
        f"/plans/{other.plan_id}",
        f"/plans/{other.plan_id}/items",
        f"/plans/{other.plan_id}/asking?period=2026-Q2",
        f"/periods/{other.period_id}",
        f"/periods/{other.period_id}/cycles",
        f"/periods/{other.period_id}/rollup",
        f"/periods/{other.period_id}/scores",
        f"/periods/{other.period_id}/reports",
        f"/periods/{other.period_id}/owing",
        f"/cycles/{other.cycles[0]}",
        f"/cycles/{other.cycles[0]}/history",
        f"/webhooks/{hook}",
        f"/webhooks/{hook}/deliveries",
    ):
        assert system.ask(path).status_code == 404, path
        assert theirs.ask(path).status_code == 200, path
    for method, path in (
        ("POST", f"/periods/{other.period_id}/urge"),
        ("PATCH", f"/webhooks/{hook}"),
        ("DELETE", f"/webhooks/{hook}"),
        ("POST", f"/webhooks/{hook}/ping"),
    ):
        assert system.ask(path, method=method, json={}).status_code == 404, path
    for path in ("/organisation", "/units", "/persons", "/plans", "/periods", "/webhooks"):
        assert "Khác" not in system.ask(path).text
    assert system.ask("/webhooks").json() == []
    urged = {"person_ids": [other.person("ubnd")]}
    answer = system.ask(f"/periods/{system.opened.period_id}/urge", method="POST", json=urged)
    assert [one["outcome"] for one in answer.json()] == ["owes-nothing"]


def test_a_key_that_asks_too_often_is_told_when_to_come_again(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    site = system.visit.client.app.state.site  # type: ignore[attr-defined]
    object.__setattr__(site, "limits", Limits(calls_of_key=Limit(Rate(2, 0.1))))
    assert [system.ask("/plans").status_code for _ in range(3)] == [200, 200, 429]
    assert int(system.ask("/plans").headers["retry-after"]) > 0


# --- what is read ---------------------------------------------------------------------------------------


def test_pages_of_cycles_make_the_whole_list(tmp_path: Path) -> None:
    system = a_system(tmp_path, plan=a_plan(8))
    found, cursor = [], ""
    while True:
        page = system.ask(f"/periods/{system.opened.period_id}/cycles?limit=3{cursor}").json()
        found += [one["id"] for one in page["entries"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == list(system.opened.cycles)


def test_cycles_are_filtered_by_stage_section_and_unit(tmp_path: Path) -> None:
    system = a_system(tmp_path, plan=a_plan(8))
    submitted(system.opened, system.opened.cycles[0])

    def codes(query: str) -> list[str]:
        page = system.ask(f"/periods/{system.opened.period_id}/cycles?{query}").json()
        return [one["code"] for one in page["entries"]]

    assert codes("stage=waiting-confirmation") == ["I.1.1"]
    assert codes("section=II.1") == ["II.1.1", "II.1.2"]
    assert codes(f"unit={system.opened.units['phu-nu']}") == []
    assert len(codes(f"unit={system.opened.units['mttq']}")) == 8


def test_a_filter_with_a_slip_in_its_name_is_refused(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    for query in ("stgae=approved", "section=I&section=II", "stage=duyet"):
        answer = system.ask(f"/periods/{system.opened.period_id}/cycles?{query}")
        assert answer.status_code == 422, query


@pytest.mark.parametrize(
    ("header", "told", "cure"),
    [
        ("en", "There is no parameter “stages” here.", "The parameters are: "),
        ("fr, en-GB;q=0.8", "There is no parameter “stages” here.", "The parameters are: "),
        ("vi-VN", "Không có tham số “stages” ở đây.", "Các tham số có: "),
        ("fr", "Không có tham số “stages” ở đây.", "Các tham số có: "),
    ],
)
def test_a_refusal_is_told_in_the_language_asked_for(
    tmp_path: Path, header: str, told: str, cure: str
) -> None:
    system = a_system(tmp_path)
    answer = system.ask("/periods/1/cycles?stages=approved", headers={"Accept-Language": header})
    assert answer.json()["detail"] == told
    assert answer.json()["cure"].startswith(cure)
    assert answer.headers["Content-Language"] == ("en" if "en" in header else "vi")


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    for path in _gets(system):
        first = system.ask(path)
        if first.status_code == 200:
            again = system.ask(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
    path = f"/periods/{system.opened.period_id}"
    known = {"If-None-Match": system.ask(path).headers["etag"]}
    submitted(system.opened, system.opened.cycles[0])
    assert system.ask(path, headers=known).status_code == 200


def test_nobody_learns_how_anyone_votes_while_the_vote_runs(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    cycle = system.opened.cycles[0]
    submitted(system.opened, cycle)
    confirmed(system.opened, cycle, "mttq", "cong-an")
    voted(system.opened, cycle, "bi-thu", choice=Choice.RETURN, reason="Số liệu chưa rõ.")
    told = system.ask(f"/cycles/{cycle}")
    assert told.json()["versions"][0]["ballots"] is None
    assert "Số liệu chưa rõ" not in told.text + system.ask(f"/cycles/{cycle}/history").text
    assert "voted" not in [one["verb"] for one in system.ask(f"/cycles/{cycle}/history").json()]


def test_ballots_are_shown_after_the_vote_to_a_key_that_may_see_them(tmp_path: Path) -> None:
    system = a_system(tmp_path, rules=Rules(approval=ApprovalRule(shows=Shows.NAMES)))
    cycle = _approved(system)
    told = system.ask(f"/cycles/{cycle}").json()["versions"][0]
    assert [one["person"] for one in told["ballots"]] == [
        "Hoàng Văn Thành",
        "Ngô Thị Bích Thủy",
        "Đặng Quốc Khánh",
    ]
    reader = System(system.visit, a_key(system.opened, KeyScope.READ))
    unseen = reader.ask(f"/cycles/{cycle}").json()["versions"][0]
    assert (unseen["ballots"], unseen["ballot_count"]) == (None, None)
    assert "Hoàng Văn Thành" not in reader.ask(f"/cycles/{cycle}/history").text


def test_a_secret_vote_stays_one_after_it_to_every_key(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    told = system.ask(f"/cycles/{_approved(system)}").json()["versions"][0]
    assert (told["ballots"], told["ballot_count"]) == (None, {"approve": 3})


def _approved(system: System) -> int:
    cycle = system.opened.cycles[0]
    submitted(system.opened, cycle)
    confirmed(system.opened, cycle, "mttq", "cong-an")
    voted(system.opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    return cycle


def test_a_closed_periods_figures_are_those_that_were_kept(store: Store, tmp_path: Path) -> None:
    system = a_system(tmp_path, store=store)
    path = f"/periods/{system.opened.period_id}/rollup"
    assert system.ask(path).json()["kept_at"] is None
    with store.begin() as tx:
        close_period(tx, system.opened.period_id, NOW, is_early=True)
    told = system.ask(path).json()
    assert told["kept_at"] is not None
    assert told["whole"]["by_status"]["no-report"] == told["whole"]["total"] == 3


# --- urging ---------------------------------------------------------------------------------------------


def test_urging_twice_on_a_day_sends_one_mail(store: Store, tmp_path: Path) -> None:
    system = a_system(tmp_path, KeyScope.URGE, store=store)
    ubnd = system.opened.person("ubnd")
    path = f"/periods/{system.opened.period_id}/urge"
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", sent_at=NOW))

    def urge(moment: object) -> str:
        system.visit.clock.set(moment)  # type: ignore[arg-type]
        answer = system.ask(path, method="POST", json={"person_ids": [ubnd]}).json()
        return str(answer[0]["outcome"])

    later = NOW + timedelta(days=1, hours=2)
    told = [urge(NOW + timedelta(hours=3)), urge(later), urge(later), urge(later + timedelta(minutes=1))]
    assert told == ["today", "intended", "waiting", "waiting"]
    with store.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(outbox).where(outbox.c.person_id == ubnd)) == 2
        assert verify(tx)[1] == []


def test_who_owes_nothing_is_not_urged_and_a_closed_period_takes_no_urging(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    path = f"/periods/{system.opened.period_id}/urge"
    answer = system.ask(path, method="POST", json={"person_ids": [system.opened.person("doan")]})
    assert [one["outcome"] for one in answer.json()] == ["owes-nothing"]
    with system.opened.store.begin() as tx:
        close_period(tx, system.opened.period_id, NOW, is_early=True)
    assert system.ask(path, method="POST", json={}).status_code == 409


# --- webhooks -------------------------------------------------------------------------------------------


def test_a_webhooks_secret_is_told_once(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    made = {"name": "Zalo", "url": "https://example.com/zalo", "events": ["period.closed"], "form": "text"}
    told = system.ask("/webhooks", method="POST", json=made)
    assert told.status_code == 201
    secret = told.json()["secret"]
    assert secret.startswith("whsec_")
    assert secret not in system.ask("/webhooks").text + system.ask(f"/webhooks/{told.json()['id']}").text


def test_a_webhook_is_changed_and_removed_on_record(store: Store, tmp_path: Path) -> None:
    system = a_system(tmp_path, store=store)
    made = {"name": "a", "url": "https://example.com/", "events": ["period.closed"]}
    path = f"/webhooks/{system.ask('/webhooks', method='POST', json=made).json()['id']}"
    changed = system.ask(path, method="PATCH", json={"events": ["report.issued", "period.opened"]}).json()
    assert (changed["name"], changed["events"]) == ("a", ["report.issued", "period.opened"])
    assert system.ask(path, method="DELETE").status_code == 204
    assert system.ask(path).status_code == 404
    with store.reading() as tx:
        assert tx.scalar(select(webhooks.c.removed_at)) == NOW
        assert verify(tx)[1] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.8:8480/",
        "https://[::ffff:192.168.1.1]/",
        "https://a:b@example.com/",
        "https:///x",
        "ftp://example.com/",
        "https://" + "a" * 70 + ".example/",
    ],
)
def test_no_webhook_may_point_into_the_house(tmp_path: Path, url: str) -> None:
    system = a_system(tmp_path)
    made = {"name": "a", "url": url, "events": ["period.closed"]}
    answer = system.ask("/webhooks", method="POST", json=made)
    assert answer.status_code == 422
    assert "webhook" in answer.json()["detail"]


@pytest.mark.parametrize("event", list(Event))
def test_an_event_goes_only_where_a_key_may_read_what_it_tells(tmp_path: Path, event: Event) -> None:
    bare = a_system(tmp_path, KeyScope.WEBHOOKS)
    made = {"name": "a", "url": "https://example.com/", "events": [event.value]}
    if event is Event.PING:
        # Sent on request, and tells nothing.
        assert event.scope is KeyScope.WEBHOOKS
        return
    refused = bare.ask("/webhooks", method="POST", json=made)
    assert refused.status_code == 403
    assert event.scope.value in refused.json()["detail"]
    able = System(bare.visit, a_key(bare.opened, KeyScope.WEBHOOKS, event.scope, name="b"))
    hook = able.ask("/webhooks", method="POST", json=made).json()["id"]
    # Nor may it be led elsewhere, or be sent again, by a key that could not have made it.
    assert (
        bare.ask(f"/webhooks/{hook}", method="PATCH", json={"url": "https://x.example/"}).status_code == 403
    )
    with bare.opened.store.begin() as tx:
        tx.execute(ADD_DELIVERY, [delivery_of(hook, event, {}, bare.opened.now)])
        tx.execute(webhook_deliveries.update().values(state="sent"))
        (one,) = deliveries_of(tx, hook)
    assert bare.ask(f"/webhooks/{hook}/deliveries/{one.id}/resend", method="POST").status_code == 403
    assert able.ask(f"/webhooks/{hook}/deliveries/{one.id}/resend", method="POST").status_code == 202
    assert able.ask(f"/webhooks/{hook}", method="PATCH", json={"name": "c"}).status_code == 200


def test_an_event_that_names_an_address_takes_the_scope_for_addresses(tmp_path: Path) -> None:
    system = a_system(tmp_path)
    opened = system.opened
    made = {"name": "a", "url": "https://example.com/", "events": [event.value for event in SUBSCRIBABLE]}
    assert system.ask("/webhooks", method="POST", json=made).status_code == 201
    submitted(opened, opened.cycles[0], difficulties="Thiếu vốn.")
    with opened.store.begin() as tx:
        undeliverable(tx, tx.scalars(select(outbox.c.id)).all(), opened.now)
        period_changed(tx, Event.PERIOD_CLOSED, opened.period_id, opened.now)
        rows = tx.execute(select(webhook_deliveries.c.event, webhook_deliveries.c.body)).all()
    naming = {row.event for row in rows if "@" in str(row.body)}
    assert {row.event for row in rows} > naming
    assert naming == {Event.MAIL_UNDELIVERABLE}
    assert Event.MAIL_UNDELIVERABLE.scope is KeyScope.READ_PEOPLE


def test_no_answer_names_an_address_without_the_scope_for_it(tmp_path: Path) -> None:
    reader = a_system(tmp_path, KeyScope.READ, KeyScope.READ_BALLOTS)
    with reader.opened.store.reading() as tx:
        known = tx.scalars(select(persons.c.email)).all()
    said = " ".join(reader.ask(path).text for path in _gets(reader))
    assert [address for address in known if address in said] == []


def test_another_system_reads_which_items_a_period_will_ask_and_why(tmp_path: Path) -> None:
    system = a_system(tmp_path, plan=a_plan(2))
    path = f"/plans/{system.opened.plan_id}/asking"
    found = system.ask(f"{path}?period=2026-Q2").json()
    assert found["due_on"] == "2026-06-15"
    assert [(one["is_asked"], one["because"]) for one in found["items"]] == [(True, "overdue")] * 2
    assert "quá hạn 31/03/2026" in found["items"][0]["reason"]
    assert system.ask(f"{path}?period=2026-Q1").status_code == 409
    assert system.ask(f"{path}?period=mai").status_code == 422
