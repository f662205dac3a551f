"""A printed leader is bound where one person bears the whole name; all else is a question for somebody."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_directory, a_plan, an_item
from workflow.domain.people.directory import Directory, Person
from workflow.domain.plans.plan import NOBODY, Plan
from workflow.importing.amending.amending import AmendmentKind, amended
from workflow.importing.cells.leaders import LeaderMatcher, Likeness, bound
from workflow.importing.files.plan_file import plan_yaml, read_plan_yaml
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.filling import form_of
from workflow.importing.form.form import NO_ONE, FormSheet, PlanForm
from workflow.importing.form.reading import accept
from workflow.importing.form.workbook import write_workbook
from workflow.importing.form.workbook_reading import read_workbook
from workflow.importing.offering import form_in, offer
from workflow.importing.reading import read_plan

HOA = Person("Nguyễn Thị Hòa", "hoa@hoaxuan.example", "Phó Chủ tịch")
HUNG_1 = Person("Lê Văn Hùng", "hung1@hoaxuan.example", "Phó Chủ tịch")
HUNG_2 = Person("Lê Văn Hùng", "hung2@hoaxuan.example", "Trưởng phòng")


def staff(*people: Person) -> Directory:
    return a_directory(extra=people)


def led_by(*names: str, people: tuple[Person, ...] = ()) -> Plan:
    return bound(a_plan(items=[an_item(1, leaders=names, start_text="")]), staff(*people))


def read_with(*names: str, people: tuple[Person, ...] = ()) -> PlanForm:
    return form_of(led_by(*names, people=people), staff(*people))


def who(form: PlanForm) -> str:
    return form.rows(FormSheet.ITEMS)[0]["leader_ids"]


def ids(form: PlanForm) -> tuple[str | None, ...]:
    return accept(form).plan.items[0].leader_ids


# --- what binds -----------------------------------------------------------------------------------------

syllables = st.sampled_from(
    ["Nguyễn", "Lê", "Văn", "Thị", "Hòa", "Hoà", "Hóa", "Hoa", "An", "Ân", "V", "Bình"]
)
full_names = st.lists(syllables, min_size=1, max_size=4).map(" ".join)
written = st.tuples(
    st.sampled_from(["", "Đ/c ", "đồng chí ", "ông ", "Bà "]),
    full_names,
    st.sampled_from(["", " - Phó Chủ tịch", "."]),
    st.sampled_from(["NFC", "NFD"]),
).map(lambda told: unicodedata.normalize(told[3], "".join(told[:3])))  # type: ignore[arg-type]


def plainly(name: str) -> list[tuple[str, str]]:
    """The syllables of a name, each as its letters and its tone: what this test means by the same name."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    found = []
    for word in unicodedata.normalize("NFD", name.lower().replace("đ", "d~")).split():
        found.append(
            ("".join(one for one in word if one not in tones), "".join(one for one in word if one in tones))
        )
    return found


@given(st.lists(full_names, max_size=6), written)
def test_a_leader_is_never_bound_to_a_person_of_another_name(names: list[str], printed: str) -> None:
    people = tuple(Person(name, f"p{at}@x.vn") for at, name in enumerate(names))
    found = LeaderMatcher(Directory("", persons=people)).match(printed).person
    if found is not None:
        bare = printed
        for title in ("Đ/c ", "đồng chí ", "ông ", "Bà "):
            bare = bare.removeprefix(unicodedata.normalize("NFC", title))
            bare = bare.removeprefix(unicodedata.normalize("NFD", title))
        assert plainly(found.name) in (plainly(bare), plainly(printed))


@given(st.lists(full_names, min_size=1, max_size=6), st.data())
def test_namesakes_are_never_bound_by_themselves(names: list[str], data: st.DataObject) -> None:
    printed = data.draw(st.sampled_from(names))
    people = tuple(Person(name, f"p{at}@x.vn") for at, name in enumerate([*names, printed]))
    match = LeaderMatcher(Directory("", persons=people)).match(f"Đ/c {printed}")
    assert match.person is None
    assert match.likeness is Likeness.NAMESAKES


@pytest.mark.parametrize(
    ("printed", "likeness"),
    [
        ("Nguyễn Thị Hoà", Likeness.SAME),
        ("Đ/c NGUYỄN THỊ HÒA", Likeness.SAME),
        ("Nguyễn Thị Hóa", Likeness.CLOSE),
        ("Nguyen Thi Hoa", Likeness.CLOSE),
        ("Nguyễn T. Hòa", Likeness.SHORTENED),
        ("bà Hòa", Likeness.SHORTENED),
        ("Nguyễn Thị Hòa - Phó Chủ tịch", Likeness.WITH_MORE),
        ("Nguyễn Thị Hòa Bình", Likeness.WITH_MORE),
        ("Phó Chủ tịch", Likeness.TITLE),
        ("Cao Bá Quát", Likeness.NONE),
    ],
)
def test_how_a_printed_leader_is_like_a_person(printed: str, likeness: Likeness) -> None:
    match = LeaderMatcher(Directory("", persons=(HOA,))).match(printed)
    assert match.likeness is likeness
    assert (match.person is None) == (likeness is not Likeness.SAME)


def test_a_spelling_that_is_another_persons_name_is_not_taken_for_the_usual_one() -> None:
    other = Person("Nguyễn Thị Hóa", "hoa2@hoaxuan.example")
    rows = "\n".join(
        f"{n} | Việc số {n} của phường | {leader} | UBND phường | | Tháng 6"
        for n, leader in enumerate([HOA.name, HOA.name, HOA.name, HOA.name, other.name], start=1)
    )
    head = "TT | Nội dung | Lãnh đạo phụ trách | Đơn vị chủ trì | Phối hợp | Thời hạn"
    text = f"KẾ HOẠCH\nNăm 2026\n\n{head}\n{rows}\n"
    plan = read_plan(text.encode(), directory=staff(HOA, other)).plan
    assert [item.leader_ids for item in plan.items] == [(HOA.email,)] * 4 + [(other.email,)]


# --- the question and its answer ------------------------------------------------------------------------


@pytest.mark.parametrize("printed", [HUNG_1.name, "Nguyễn Thị Hóa"])
def test_namesakes_and_close_spellings_must_be_answered(printed: str) -> None:
    form = read_with(printed, people=(HOA, HUNG_1, HUNG_2))
    assert who(form) == "?"
    assert any(doubt.is_grave for doubt in form.rows(FormSheet.ITEMS)[0].doubts["leader_ids"])
    with pytest.raises(RefusedPlan):
        accept(form)
    for answer, meant in ((f"{HUNG_2.name} <{HUNG_2.email}>", HUNG_2.email), (NO_ONE, NOBODY)):
        assert ids(form.with_cell(FormSheet.ITEMS, 0, "leader_ids", answer)) == (meant,)


def test_initials_and_titles_are_doubtful_and_bind_nobody() -> None:
    for printed in ("Nguyễn T. Hòa", "Phó Chủ tịch", "bà Hòa"):
        form = read_with(printed, people=(HOA,))
        assert any(doubt.is_grave for doubt in form.rows(FormSheet.ITEMS)[0].doubts["leader_ids"])
        assert ids(form) == ()


def test_the_question_is_answered_in_the_workbook() -> None:
    people = (HUNG_1, HUNG_2)
    book = openpyxl.load_workbook(BytesIO(write_workbook(read_with(HUNG_1.name, people=people))))
    page = book[FormSheet.ITEMS.value]
    titles = {str(cell.value): cell.column for cell in page[1]}
    cell = page.cell(2, titles["Lãnh đạo: là ai"])
    assert cell.value == "?"
    assert "nhiều người tên" in cell.comment.text
    offered = [one for one in page.data_validations.dataValidation if cell.coordinate in one.sqref]
    assert len(offered) == 1
    cell.value = f"{HUNG_2.name} <{HUNG_2.email}>"
    written = BytesIO()
    book.save(written)
    assert ids(read_workbook(written.getvalue(), "x.xlsx")) == (HUNG_2.email,)


def test_a_leader_typed_anew_is_not_taken_for_who_stood_there_before() -> None:
    form = read_with(HOA.name, HUNG_1.name, people=(HOA, HUNG_1))
    assert ids(form) == (HOA.email, HUNG_1.email)
    typed = form.with_cell(FormSheet.ITEMS, 0, "leaders", f"Cao Bá Quát\n{HOA.name}")
    assert ids(typed) == (None, HOA.email)


def test_a_person_the_form_does_not_have_is_refused_with_the_cell() -> None:
    form = read_with(HOA.name, people=(HOA,)).with_cell(FormSheet.ITEMS, 0, "leader_ids", "Ai đó <a@b.vn>")
    with pytest.raises(RefusedPlan) as refused:
        accept(form)
    assert refused.value.problems[0].cell == (FormSheet.ITEMS, 0, "leader_ids")


# --- what was answered stays ----------------------------------------------------------------------------


def _answered(said: str) -> Plan:
    plan = led_by(HUNG_1.name, people=(HUNG_1, HUNG_2))
    return replace(plan, items=(replace(plan.items[0], leader_ids=(said,)),))


@pytest.mark.parametrize("said", [HUNG_2.email, NOBODY])
def test_an_answer_survives_the_form_the_workbook_and_the_yaml_file(said: str) -> None:
    plan, people = _answered(said), staff(HUNG_1, HUNG_2)
    form = form_of(plan, people)
    assert ids(form) == (said,)
    assert ids(read_workbook(write_workbook(form), "x.xlsx")) == (said,)
    assert read_plan_yaml(plan_yaml(plan, people)).plan.items[0].leader_ids == (said,)


@pytest.mark.parametrize("kind", [AmendmentKind.ADJUSTMENT, AmendmentKind.REPLACING])
def test_an_amendment_keeps_whom_a_leader_was_bound_to(kind: AmendmentKind) -> None:
    document = led_by(f"Đ/c {HUNG_1.name}", people=(HUNG_1, HUNG_2))
    assert amended(_answered(HUNG_2.email), document, kind=kind).plan.items[0].leader_ids == (HUNG_2.email,)


def test_a_document_read_again_keeps_whom_a_leader_was_bound_to() -> None:
    text = (
        "KẾ HOẠCH\nNăm 2026\n\nTT | Nội dung | Lãnh đạo phụ trách | Đơn vị chủ trì | Phối hợp | Thời hạn\n"
        f"1 | Trồng cây xanh | {HUNG_1.name} | UBND phường | | Tháng 6\n"
    ).encode()
    people = staff(HUNG_1, HUNG_2)
    form = form_in(text, "x.txt", people)
    running = accept(form.with_cell(FormSheet.ITEMS, 0, "leader_ids", f"{HUNG_2.name} <{HUNG_2.email}>")).plan
    with pytest.raises(RefusedPlan):
        offer(text, "x.txt", people)
    again = offer(text, "x.txt", people, running=running).accepted.plan
    assert again.items[0].leader_ids == (HUNG_2.email,)


def test_a_leader_who_was_renamed_in_the_directory_is_read_again_as_the_same_person() -> None:
    running = led_by(HOA.name, people=(HOA,))
    renamed = replace(HOA, name="Nguyễn Thị Hòa Anh")
    document = bound(a_plan(items=[an_item(1, leaders=(HOA.name,))]), staff(renamed))
    assert document.items[0].leader_ids == ()
    after = amended(running, document, kind=AmendmentKind.REPLACING).plan
    assert after.items[0].leader_ids == (HOA.email,)


# --- where an amendment puts its items ------------------------------------------------------------------


def test_an_item_numbered_between_two_stands_between_them() -> None:
    running = a_plan(items=[an_item(1, code=f"I.{n}", content=f"Việc thứ {n} đã có") for n in (1, 2, 3)])
    fresh = ("I.1bis", "Xây dựng thư viện điện tử"), ("I.1ter", "Mua máy quét"), ("I.2a", "Lắp đèn đường")
    document = a_plan(items=[an_item(1, code=code, content=content) for code, content in fresh])
    found = amended(running, document, kind=AmendmentKind.ADJUSTMENT).plan
    assert [item.code for item in found.items] == ["I.1", "I.1bis", "I.1ter", "I.2", "I.2a", "I.3"]


# --- units likewise -------------------------------------------------------------------------------------


def test_a_unit_that_was_renamed_stays_the_one_a_row_names_in_form_and_amendment() -> None:
    plan = a_plan(items=[an_item(1, start_text="")])
    people = a_directory()
    units = tuple(
        replace(unit, name=f"Cơ quan {unit.id} mới", aliases=()) if unit.id in ("ubnd", "mttq") else unit
        for unit in people.units
    )
    renamed = replace(people, units=units)
    form = form_of(plan, renamed)
    assert form.rows(FormSheet.ITEMS)[0].doubts == {}
    read = accept(read_workbook(write_workbook(form), "x.xlsx")).plan.items[0]
    assert (read.lead_ids, read.coordinating_ids) == (("ubnd",), ("mttq", "cong-an"))
