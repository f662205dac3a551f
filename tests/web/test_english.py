"""The pages in English: with data that has no diacritics, no Vietnamese word is left on them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from httpx import Response

from tests.builders import a_directory, a_link, a_part, a_plan, an_item, confirmed, submitted, voted
from tests.plain_letters import is_vietnamese, plain
from tests.web.visiting import Visit, a_visit, form_of, page_of, post
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.rules.routing_rules import ApprovalRule, Rules
from workflow.importing.files.rules_file import read_scoring
from workflow.sample import scoring_path
from workflow.storage.access.links import Purpose
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion
from workflow.storage.tables import rules

_TOLD = ("title", "aria-label", "alt", "placeholder")


def left(answer: Response) -> list[str]:
    """What is still Vietnamese on a page: its texts, and the attributes that people are told; but for what
    is marked as Vietnamese, and the texts of the rules file."""
    page = page_of(answer)
    for tag in page.select("[lang=vi], code, pre"):
        tag.decompose()
    told = [*page.find_all(string=True)]
    # What stands in a plan is Vietnamese, and what may be typed into it: told in quotation marks.
    told = [re.sub(r"“[^”]*”", "", text) for text in told]
    told += [tag[name] for tag in page.find_all(True) for name in _TOLD if tag.has_attr(name)]
    return [str(text).strip() for text in told if is_vietnamese(str(text))]


def a_ward(folder: Path) -> Visit:
    items = [an_item(n + 1) for n in range(6)]
    items[1] = replace(items[1], parts=(a_part(f"{items[1].code}.a", "So hoa"),))
    own = Rules(name="", approval=ApprovalRule(one_time_code=True))
    visit = a_visit(folder, directory=plain(a_directory()), plan=plain(a_plan(items=items)), rules=own)
    opened = visit.opened
    scoring = plain(read_scoring(scoring_path()))
    with opened.store.begin() as tx:
        tx.execute(rules.update().values(scoring=scoring))
    for cycle in opened.cycles[:4]:
        submitted(opened, cycle, body="Xong.", difficulties="Kinh phi cham.", proposals="Cap som.")
    for cycle in opened.cycles[:2]:
        confirmed(opened, cycle, "mttq", "cong-an")
    confirmed(opened, opened.cycles[2], "mttq", verdict=Verdict.OBJECT, reason="So lieu chua khop.")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    with opened.store.begin() as tx:
        answer = Opinion(1, 1, "Giao Doan.", opened.units["doan"], date(2026, 3, 12))
        difficulties.answer(tx, opened.person("bi-thu"), answer, opened.now)
    visit.clock.set(opened.now + timedelta(days=2))
    visit.client.cookies.set("lang", "en")
    return visit


def of_office(visit: Visit) -> list[str]:
    opened = visit.opened
    desk = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
    pages = (
        *("", "/owing", "/plan", "/schedule", "/people", "/votes", "/paper", "/difficulties", "/overdue"),
        *("/mails", "/periods", "/rules", "/scores", "/scores/changes", "/search?q=cai", "/search?q=zz"),
        *(f"/item/{cycle}" for cycle in opened.cycles[:3]),
        *(f"/people/{opened.person('ubnd')}", f"/scores/{opened.units['ubnd']}"),
        *(f"/periods/{opened.period_id}/close", "/no-such"),
    )
    return [f"{desk}{page}" for page in pages]


def of_people(visit: Visit) -> list[str]:
    lead, chair, mttq = (f"/l/{a_link(visit.opened, box)}" for box in ("ubnd", "bi-thu", "mttq"))
    solver = f"/l/{a_link(visit.opened, 'doan')}"
    return [
        *(f"{lead}{page}" for page in ("", "/send", "/sheet", "/late", "/difficulties")),
        *(f"{lead}/report/{cycle}" for cycle in visit.opened.cycles),
        *(f"{chair}{page}" for page in ("", "/doc", "/difficulties")),
        *(mttq, f"{solver}/difficulties", "/sign-in", "/l/no-such", "/no-such"),
    ]


@pytest.mark.parametrize("addresses", [of_office, of_people])
@pytest.mark.parametrize("days", [2, 20])
def test_no_vietnamese_is_left_on_a_page(tmp_path: Path, addresses, days: int) -> None:  # type: ignore[no-untyped-def]
    visit = a_ward(tmp_path)
    visit.clock.set(visit.opened.now + timedelta(days=days))
    found = {address[-30:]: left(visit.client.get(address)) for address in addresses(visit)}
    assert {address: texts for address, texts in found.items() if texts} == {}


def test_what_forms_answer_is_english(tmp_path: Path) -> None:
    visit = a_ward(tmp_path)
    opened = visit.opened
    lead = f"/l/{a_link(opened, 'ubnd')}"
    report = form_of(visit.client.get(f"{lead}/report/{opened.cycles[4]}"), f"/report/{opened.cycles[4]}")
    good = {"progress": "100", "body": "Xong.", "reported": "done"}
    chair = f"/l/{a_link(opened, 'pho-bi-thu')}"
    vote = form_of(visit.client.get(chair), "/vote")
    confirm = form_of(visit.client.get(f"/l/{a_link(opened, 'cong-an')}"), "/confirm")
    answers = [
        post(visit, report, report.fields | {"progress": "abc", "done-on": "x", "reported": "done"}),
        post(visit, report, report.filled(**good), files={"evidence": ("a.exe", b"MZ")}),
        post(visit, report, report.filled(**good)),
        post(visit, report, report.filled(**good)),
        post(visit, vote, vote.fields),
        post(visit, vote, vote.filled(rest="approve")),
        post(visit, confirm, confirm.filled()),
        post(visit, confirm, confirm.filled(rest="confirm")),
    ]
    assert [left(answer) for answer in answers] == [[]] * len(answers)
    assert "Nothing was recorded" in answers[4].text


def test_a_plan_taken_in_is_told_in_english(tmp_path: Path) -> None:
    visit = a_ward(tmp_path)
    desk = f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"
    head = "TT | Noi dung | Don vi chu tri | Don vi phoi hop | Thoi han hoan thanh | Kinh phi\n"
    rows = (
        "1 | To chuc hoi nghi tong ket | UBND phuong | Cong an phuong | Thang 6 | 5\n"
        "3 | Trong cay xanh | UBND phuong | Hoi Khong Co | luc nong nhan | 5\n"
        "4 | Lam viec khac | | Cac don vi lien quan | | 5\n"
    )
    form = form_of(visit.client.get(f"{desk}/plan"), "/plan")
    seen = []
    for name, content, kind in (
        ("a.txt", f"KE HOACH\nCong tac nam 2026\n\n{head}{rows}", ""),
        ("b.txt", f"KE HOACH\nBo sung nam 2026\n\n{head}{rows.splitlines()[0]}\n", "amendment"),
        ("c.txt", "Khong co bieu nao.", ""),
        ("d.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ""),
    ):
        seen.append(post(visit, form, form.fields | {"as": kind}, files={"file": (name, content)}))
    preview = str(seen[0].url.path)
    seen += [visit.client.get(f"{preview}/rows/{at}") for at in range(3)]
    assert [left(answer) for answer in seen] == [[]] * len(seen)


def test_a_period_that_was_closed_is_told_in_english(tmp_path: Path) -> None:
    visit = a_ward(tmp_path)
    desk = f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"
    close = form_of(visit.client.get(f"{desk}/periods/{visit.opened.period_id}/close"), "/close")
    answers = [post(visit, close, close.fields), post(visit, close, close.filled())]
    answers += [visit.client.get(f"{desk}/{page}") for page in ("", "scores", "reports", "owing", "mails")]
    assert [left(answer) for answer in answers] == [[]] * len(answers)
