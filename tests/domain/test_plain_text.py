"""Text of people stays text in each place where some characters would act."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openpyxl import Workbook, load_workbook

from tests.builders import NOW
from workflow.domain.plain_text import (
    FORMULA_STARTS,
    chat_line,
    csv_cell,
    file_name,
    from_csv_cell,
    markdown,
    one_line,
    printable,
)
from workflow.mail.letters.message import Attachment, Mailbox, build
from workflow.sheet_text import page_head, put_text

PEOPLE = st.text(
    st.one_of(st.characters(), st.sampled_from("<>\"'&\r\n\t=+-@/\\:[](){}*_`#|%$.\u202e\u2028\x00\x85"))
)
"""What anybody may type or send."""
WRITTEN = PEOPLE.filter(lambda text: not re.search("[\ud800-\udfff]", text))
"""What can also be encoded."""


@given(PEOPLE)
def test_a_file_name_has_neither_folders_nor_characters_that_act(text: str) -> None:
    name = file_name(text)
    assert name
    assert not set(name) & set("<>\"'&/\\")
    assert all(sign.isprintable() for sign in name)
    assert name not in (".", "..")
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Biên bản nghiệm thu (đợt 2).pdf", "Biên bản nghiệm thu (đợt 2).pdf"),
        ("C:\\Users\\Hà\\a & b.docx", "a b.docx"),
        ("../../etc/passwd", "passwd"),
        (
            "<input type=hidden name=choice-1 value=approve>.pdf",
            "input type=hidden name=choice-1 value=approve.pdf",
        ),
        ("phieu\u202efdp.exe", "phieufdp.exe"),
        ("a\r\nSet-Cookie: x=1\r\n.pdf", "a Set-Cookie: x=1 .pdf"),
        ("\"'<>&", "tep"),
        (unicodedata.normalize("NFD", "Kết quả.xlsx"), "Kết quả.xlsx"),
    ],
)
def test_a_file_keeps_what_people_read_of_its_name(sent: str, kept: str) -> None:
    assert file_name(sent) == kept


def test_the_end_of_a_long_name_is_kept_since_it_says_the_kind() -> None:
    name = file_name(f"{'rất dài ' * 50}.pdf")
    assert len(name) <= 150
    assert name.endswith("dài .pdf")


@given(WRITTEN)
def test_a_line_is_one_line_without_marks_that_turn_it(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)


@given(WRITTEN, WRITTEN, WRITTEN)
def test_a_mail_has_the_headers_we_gave_it_and_each_says_the_text(name: str, subject: str, file: str) -> None:
    mail = build(
        message_id="1",
        thread="",
        sender=Mailbox(name, "a@b.example"),
        to=Mailbox(subject, "c@d.example"),
        reply_to=None,
        subject=subject,
        date=NOW,
        text="x",
        html="<p>x</p>",
        attachments=(Attachment(file, "application/pdf", b"%PDF-"),),
    )
    read = message_from_bytes(bytes(mail))
    names = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"}
    assert set(read.keys()) == names | {"MIME-Version", "Content-Type"}
    unfolded = re.sub(r"\r?\n[ \t]", " ", str(read["Subject"]))
    assert str(make_header(decode_header(unfolded))) == one_line(subject)


@pytest.mark.parametrize("text", ["=?utf-8?q?=0D=0ABcc:_x@y.example?=", "a =?utf-8?b?xx?= b"])
def test_what_looks_like_an_encoded_word_is_read_as_it_was_written(text: str) -> None:
    mail = build(
        message_id="1",
        thread="",
        sender=Mailbox(text, "a@b.example"),
        to=Mailbox("", "c@d.example"),
        reply_to=None,
        subject=text,
        date=NOW,
        text="x",
        html="x",
    )
    read = message_from_bytes(bytes(mail))
    for header in ("Subject", "From"):
        unfolded = re.sub(r"\r?\n[ \t]", " ", str(read[header]))
        assert str(make_header(decode_header(unfolded))).removesuffix(" <a@b.example>") == text


@given(WRITTEN)
def test_markdown_shows_the_text_and_makes_nothing_of_it(text: str) -> None:
    shown = BeautifulSoup(
        MarkdownIt("commonmark", {"html": True}).render(f"## {markdown(text)}\n\n- x{markdown(text)}"),
        "html.parser",
    )
    assert {tag.name for tag in shown.find_all()} <= {"h2", "ul", "li"}
    assert shown.find("li").get_text().strip() == f"x{one_line(text)}"


@given(WRITTEN)
def test_a_chat_is_given_no_markup_and_no_call_to_everybody(text: str) -> None:
    line = chat_line(text)
    assert not set(line) & set("<>[]*~`")
    assert not re.search(r"(?<!\w)@", line)
    assert len(line.splitlines()) <= 1


def test_a_chat_shows_addresses_and_codes_as_they_are() -> None:
    assert chat_line("thu_ky@phuong.example, mục I_2") == "thu_ky@phuong.example, mục I_2"


@given(WRITTEN)
def test_a_cell_of_a_csv_file_is_no_formula_and_reads_back(text: str) -> None:
    cell = csv_cell(text)
    assert not cell.lstrip(" ").startswith(FORMULA_STARTS)
    assert from_csv_cell(cell) == text or text.startswith("'")
    told = io.StringIO()
    csv.writer(told, delimiter=";").writerow([cell, "b"])
    assert next(csv.reader(io.StringIO(told.getvalue(), newline=""), delimiter=";")) == [cell, "b"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "#REF!", "#N/A", "1/2", "a\x0bb"]
)
def test_a_cell_of_a_workbook_is_text_also_when_it_is_edited(text: str) -> None:
    book, file = Workbook(), io.BytesIO()
    put_text(book.active["A1"], text)
    book.save(file)
    cell = load_workbook(io.BytesIO(file.getvalue())).active["A1"]
    assert (cell.data_type, cell.value) == ("s", printable(text))
    assert bool(cell.quotePrefix) is text.lstrip(" ").startswith(FORMULA_STARTS)


def test_a_printed_pages_head_has_no_codes_out_of_a_text() -> None:
    assert page_head("A & B &L&F\r\n&R") == "A && B &&L&&F &&R"
