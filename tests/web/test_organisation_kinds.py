"""What an organisation is decides its words: a people's committee reads nothing of the Party's, and the kind
is chosen: on a page, by a command, in the file that is loaded first."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from tests.builders import (
    NOW,
    a_directory,
    a_link,
    a_plan,
    a_store,
    an_item,
    an_open_period,
    confirmed,
    submitted,
    voted,
)
from tests.hostile import pages_from
from tests.mail.post_office import LATER, Sending, a_post_office, words_of
from tests.web.visiting import Visit, a_visit, form_of, post, text_of
from workflow.amending.plan import Preview, put
from workflow.cli import app
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict
from workflow.domain.people.directory import Directory, Unit
from workflow.domain.people.organisations import OrganisationKind
from workflow.importing.files.directory_file import directory_yaml, read_directory_yaml
from workflow.importing.files.proposal import propose_directory
from workflow.importing.form.filling import form_of as filled_form
from workflow.importing.form.reading import Accepted
from workflow.reports.minutes import minutes_heading, minutes_of
from workflow.reports.period_reports import heading_of, period_report
from workflow.reports.word.docx import write_docx
from workflow.reports.word.minutes_docx import write_minutes
from workflow.storage import Store
from workflow.storage.access.links import Purpose
from workflow.storage.amending.plan_changes import Source
from workflow.storage.cycles.held_votes import votes_of
from workflow.storage.people.directory import kind_of, save_directory, set_kind
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.announcements import announce_closing, announce_opening
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, organisations

KIND = OrganisationKind
OF_THE_PARTY = re.compile(r"ban thường vụ|bí thư|đồng chí|đảng cộng sản", re.IGNORECASE)


def a_peoples_committee() -> Directory:
    """The ward's directory as its people's committee has it."""
    base = a_directory("Ủy ban nhân dân phường Hòa Xuân")
    units = tuple(
        replace(one, name="Ủy ban nhân dân phường") if one.is_committee else one
        for one in base.units
        if one.id != "ubnd"
    )
    titles = ("Chủ tịch", "Phó Chủ tịch", "Ủy viên", "Ủy viên", "Ủy viên")
    members = {one.email: one for one in base.persons if "btv" in dict(one.roles)}
    named = dict(zip(members, titles, strict=True))
    persons = tuple(replace(one, title=named.get(one.email, "Chuyên viên")) for one in base.persons)
    offices = tuple(replace(one, name=one.name.replace("Đảng ủy", "UBND")) for one in units)
    return replace(base, units=(Unit("ubnd", "Văn phòng UBND phường"), *offices), persons=persons)


def a_quarter(folder: Path) -> Visit:
    """A quarter of the people's committee with an item sent back, one approved and one under way."""
    items = [
        an_item(n, leaders=("Ông Nguyễn Văn An",), lead_units=("Văn phòng UBND",), content=f"Việc {n}")
        for n in range(1, 5)
    ]
    plan = replace(a_plan(items=items), title="Kế hoạch năm 2026", number="12/KH-UBND", issuer="UBND phường")
    visit = a_visit(folder, directory=a_peoples_committee(), plan=plan)
    opened = visit.opened
    for cycle in opened.cycles[:3]:
        submitted(opened, cycle, difficulties="Kinh phí chậm.")
        confirmed(opened, cycle, "mttq", "cong-an")
    members = ("bi-thu", "pho-bi-thu", "uy-vien-1")
    voted(opened, opened.cycles[0], *members, choice=Choice.RETURN, reason="Chưa rõ số liệu")
    voted(opened, opened.cycles[1], *members)
    return visit


def _words(answer: object) -> str:
    """What a page says, without the addresses and the names that people were given in the builders."""
    return text_of(answer).replace("bi-thu", "")  # type: ignore[arg-type]


def test_no_page_of_a_peoples_committee_speaks_as_the_party(tmp_path: Path) -> None:
    visit = a_quarter(tmp_path)
    opened = visit.opened
    starts = [f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"]
    starts += [f"/l/{a_link(opened, box)}" for box in ("ubnd", "mttq", "bi-thu")]
    seen = 0
    for start in starts:
        for answer in pages_from(visit.client, start):
            path = answer.request.url.path
            if "text/html" not in answer.headers["content-type"] or path.endswith("/organisation"):
                continue
            seen += 1
            assert OF_THE_PARTY.findall(_words(answer)) == [], path
    assert seen > 30


def test_what_was_sent_back_names_the_body_that_did(tmp_path: Path) -> None:
    visit = a_quarter(tmp_path)
    opened = visit.opened
    page = visit.client.get(f"/l/{a_link(opened, 'ubnd')}/report/{opened.cycles[0]}")
    assert "Ủy ban nhân dân phường trả lại, đề nghị báo cáo lại" in text_of(page)


async def test_no_mail_of_a_peoples_committee_speaks_as_the_party(tmp_path: Path) -> None:
    opened = a_quarter(tmp_path).opened
    with opened.store.begin() as tx:
        announce_opening(tx, opened.period_id, opened.now)
    with a_post_office() as office:
        sending = Sending(opened, tmp_path, office.port)
        for day in (11, 16, 18, 26, 30):
            now = Calendar().moment(date(2026, 3, day), 9)
            with opened.store.begin() as tx:
                sweep(tx, now)
            sending.clock.set(now + LATER)
            await sending.mailer().drain()
        with opened.store.begin() as tx:
            close_period(tx, opened.period_id, sending.clock.now(), is_early=True)
            announce_closing(tx, opened.period_id, sending.clock.now())
        sending.pass_time(hours=20)
        await sending.mailer().drain()
        boxes = ("ubnd", "mttq", "bi-thu", "pho-bi-thu", "van-phong")
        mails = [mail for box in boxes for mail in office.mails_to(box)]
    assert len(mails) > 10
    assert [told for mail in mails if (told := OF_THE_PARTY.findall(words_of(mail)))] == []


def test_minutes_and_report_of_a_peoples_committee_are_the_states(tmp_path: Path) -> None:
    opened = a_quarter(tmp_path).opened
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, NOW + timedelta(days=40), is_early=True)
    with opened.store.reading() as tx:
        heading = minutes_heading(tx, opened.period_id)
        minutes = write_minutes(minutes_of(votes_of(tx, opened.period_id, NOW), heading, NOW))
        report = write_docx(period_report(tx, opened.period_id, NOW))
    for document in (_document(minutes), _document(report)):
        assert OF_THE_PARTY.findall(document) == []
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in document


def _document(content: bytes) -> str:
    return re.sub(r"<[^>]+>", "", ZipFile(BytesIO(content)).read("word/document.xml").decode())


@pytest.mark.parametrize("name", ["Thành ủy Bình Minh", "Tỉnh ủy Bình Minh", "Chi bộ khu dân cư số 4"])
def test_every_party_organisation_gets_the_partys_letterhead(tmp_path: Path, name: str) -> None:
    opened = an_open_period(a_store(tmp_path), directory=a_directory(name))
    with opened.store.reading() as tx:
        heading = minutes_heading(tx, opened.period_id)
        minutes = write_minutes(minutes_of(votes_of(tx, opened.period_id, NOW), heading, NOW))
    assert (heading.is_party, heading.signs_as) == (True, "BÍ THƯ")
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in _document(minutes)


@pytest.mark.parametrize("kind", list(KIND))
def test_each_kind_signs_as_it_does(tmp_path: Path, kind: OrganisationKind) -> None:
    opened = an_open_period(a_store(tmp_path), directory=replace(a_directory("Hòa Xuân"), kind=kind))
    with opened.store.reading() as tx:
        heading = heading_of(tx, opened.period_id)
    assert (heading.signs_for, heading.signs_as) == (kind.words.signs_for, kind.words.signs_as)
    assert heading.is_party is kind.is_party


def test_the_office_chooses_the_kind_on_its_page_and_the_words_follow(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    desk = f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"
    board = visit.client.get(desk)
    assert f"{desk}/organisation" in board.text
    form = form_of(visit.client.get(f"{desk}/organisation"), "/organisation")
    told = text_of(post(visit, form, form.filled(kind="school")))
    assert "đang được ghi là: Trường học" in told
    assert "Theo tên thì đây có vẻ là: Cấp ủy, tổ chức đảng" in told
    with visit.opened.store.reading() as tx:
        assert heading_of(tx, visit.opened.period_id).signs_as == "HIỆU TRƯỞNG"
        entry = tx.execute(select(audit).where(audit.c.verb == "organisation-kind")).one()
    assert entry.details == {"before": "party-committee", "after": "school"}


def test_the_ready_rules_nearest_to_the_kind_are_offered_first_and_that_is_said(tmp_path: Path) -> None:
    visit = a_visit(tmp_path)
    with visit.opened.store.begin() as tx:
        set_kind(tx, visit.opened.organisation_id, KIND.SCHOOL, None, NOW)
    page = visit.client.get(f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}/periods")
    told = text_of(page)
    assert told.index("Bộ có sẵn: ủy ban nhân dân – gần nhất với Trường học") < told.index("cấp ủy đảng")


def test_the_command_tells_and_changes_the_kind(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    name = "Đảng ủy phường Hòa Xuân"

    def run(*words: str) -> str:
        said = ["organisation", *words, "--data", str(tmp_path)]
        return CliRunner().invoke(app, said, catch_exceptions=False).stdout

    assert "Cấp ủy, tổ chức đảng (party-committee)" in " ".join(run("kind", name).split())
    assert "Nghị định 30/2020" in " ".join(run("kind", name, "--is", "company").split())
    assert "Doanh nghiệp" in run("list")
    with opened.store.reading() as tx:
        assert kind_of(tx, opened.organisation_id) is KIND.COMPANY


def _put(store: Store, directory: Directory) -> Preview:
    with store.begin() as tx:
        return put(tx, Accepted(a_plan(), directory), Source(), NOW).preview


def test_a_first_plan_proposes_the_kind_by_the_name_and_says_that_it_did(tmp_path: Path) -> None:
    seen = _put(a_store(tmp_path), a_directory("Thành ủy Bình Minh"))
    assert (seen.kind, seen.is_kind_said) == (KIND.PARTY_COMMITTEE, False)


def test_a_kind_that_the_file_says_goes_before_the_name(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    said = replace(a_directory("Thành ủy Bình Minh"), kind=KIND.AGENCY)
    seen = _put(store, read_directory_yaml(directory_yaml(said), "danh-ba.yaml"))
    assert (seen.kind, seen.is_kind_said) == (KIND.AGENCY, True)
    with store.reading() as tx:
        assert tx.scalar(select(organisations.c.kind)) == "agency"


def test_the_workbook_shows_the_proposed_kind_to_be_changed() -> None:
    form = filled_form(a_plan(), a_directory("Chi bộ Trường Tiểu học"), ())
    assert form.about()["kind"] == "Cấp ủy, tổ chức đảng"


def test_a_file_that_says_another_kind_than_the_organisation_has_is_refused_with_the_cure(
    tmp_path: Path,
) -> None:
    store = a_store(tmp_path)
    with store.begin() as tx:
        save_directory(tx, a_directory())
    with pytest.raises(Conflict, match="Loại đơn vị"), store.begin() as tx:
        save_directory(tx, replace(a_directory(), kind=KIND.COMPANY))


def test_a_directory_made_from_a_peoples_committees_plan_names_its_own_body() -> None:
    made = propose_directory([], "UBND phường Hòa Xuân")
    (body,) = [one for one in made.units if one.is_committee]
    assert "Thường vụ" not in body.name
