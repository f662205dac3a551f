"""Text that would act wherever text can, for every field of a ward, and what shows that it did not act."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from httpx import Response
from lxml import etree
from openpyxl import load_workbook
from starlette.testclient import TestClient

from workflow.domain.plain_text import FORMULA_STARTS

AS_IT_IS = {
    *("id", "email", "code", "number", "measure", "members", "roles", "lead_ids", "coordinating_ids"),
    *("section_codes", "template", "committee"),
}
"""Fields of a directory, a plan and rules that are no free text: ids, addresses, codes, units of measure."""

_HOSTILE = (
    "=1+1 «{where}» <x-tdx tdx-a=1>\"' tdx-b='1' onfocus='1' x{{{{7*7}}}}x{{% endif %}}{{# #}} %(n)s %n "
    "${{7*7}} [tdx](javascript:tdx) *tdx* <!channel> &lt; &L&F\r\nBcc: tdx@evil.example\r\n\r\nBEGIN:VEVENT"
)
_EVALUATED = "x49x"
"""What a template engine would make of it."""
_LINK = re.compile(r'<a [^>]*?href="([^"]*)"')
_WHERE = re.compile(r"«([^»]*)»")


def hostile(where: str) -> str:
    """A text for the field of that name: markup, an attribute's end, template syntax, placeholders, a
    formula, Markdown, a chat's command, a page header's code, the start of a mail header and of a
    calendar's entry."""
    return _HOSTILE.format(where=where)


def fields_in(text: str) -> set[str]:
    """The fields whose text is in it."""
    return set(_WHERE.findall(text))


def made_hostile(value: Any, where: str = "") -> Any:
    """A directory or a plan with every free text of it hostile, however deep; what it was stands at the end,
    so that two units still have two names."""
    if isinstance(value, str) and type(value) is str:
        return f"{hostile(where)} {value}" if value else value
    if isinstance(value, tuple):
        return tuple(made_hostile(one, where) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        of = type(value).__name__
        return replace(
            value,
            **{
                one.name: made_hostile(getattr(value, one.name), f"{of}.{one.name}")
                for one in fields(value)
                if one.name not in AS_IT_IS and one.init
            },
        )
    return value


def hostile_toml(text: str, where: str) -> str:
    """A rules file with its names and titles hostile, wherever else in it they stand."""
    told = dict.fromkeys(re.findall(r'^(?:name|title|text) = ("[^"]*")', text, re.MULTILINE))
    for number, one in enumerate(told):
        text = text.replace(one, json.dumps(hostile(f"{where}.{number}")))
    return text


@dataclass
class Carried:
    """What was looked at, where its text acted, and which fields it showed."""

    seen: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    def of(self, kind: str) -> list[str]:
        """What was looked at of that kind."""
        return [one for one in self.seen if one.startswith(kind)]

    def text(self, name: str, text: str) -> None:
        """A text that is nothing but text."""
        self.seen.append(name)
        self.shown |= fields_in(text)
        if _EVALUATED in text:
            self.faults.append(f"{name}: template syntax was evaluated")

    def html(self, name: str, source: str) -> None:
        """A page, or the HTML of a mail."""
        page = BeautifulSoup(source, "lxml")
        attributes = " ".join(str(value) for tag in page.find_all() for value in tag.attrs.values())
        self.text(name, f"{page.get_text()} {attributes}")
        self.faults += [f"{name}: {fault}" for fault in _faults_of(page)]

    def markdown(self, name: str, source: str) -> None:
        """A page's worth of Markdown, as Prefect's pages show an artifact."""
        from markdown_it import MarkdownIt

        self.html(name, MarkdownIt("commonmark", {"html": True}).render(source))

    def workbook(self, name: str, content: bytes) -> None:
        """An XLSX file."""
        book = load_workbook(io.BytesIO(content))
        texts = []
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    text = str(cell.value or "")
                    texts.append(text)
                    if fields_in(text) and cell.data_type != "s":
                        self.faults.append(
                            f"{name}: {sheet.title}!{cell.coordinate} is no text: {text[:40]!r}"
                        )
                    if fields_in(text) and text.startswith(FORMULA_STARTS) and not cell.quotePrefix:
                        self.faults.append(
                            f"{name}: {sheet.title}!{cell.coordinate} becomes a formula if edited"
                        )
            head = str(sheet.oddHeader.center.text or "")
            if re.search(r"(?<!&)&(?!&)", head.replace("&&", "")):
                self.faults.append(f"{name}: a code in the head of the page: {head!r}")
        self.text(name, " ".join(texts))

    def document(self, name: str, content: bytes) -> None:
        """A DOCX file, with the workbooks in it."""
        texts = []
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for part in package.namelist():
                if part.endswith((".xml", ".rels")):
                    texts.append(
                        " ".join(str(one) for one in etree.fromstring(package.read(part)).itertext())
                    )
                elif part.endswith(".xlsx"):
                    self.workbook(f"{name}: {part}", package.read(part))
        self.text(name, " ".join(texts))

    def table(self, name: str, content: bytes) -> None:
        """A CSV file."""
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        self.text(name, " ".join(cell for row in rows for cell in row))
        cells = [cell for row in rows for cell in row if fields_in(cell)]
        self.faults += [f"{name}: a formula {one[:40]!r}" for one in cells if one.startswith(FORMULA_STARTS)]

    def answer(self, answer: Response) -> None:
        """Whatever the pages answer."""
        address = re.sub(r"/([ol])/[^/?]+", r"/\1", answer.request.url.path)
        name = f"{_kind(answer)} {address}"
        if answer.status_code >= 500:
            self.faults.append(f"{name}: {answer.status_code}")
        for header, value in answer.headers.items():
            if "tdx" in header.lower() or (
                header == "content-disposition"
                and not re.fullmatch(r"attachment; filename\*=UTF-8''[\w.%~-]+", value, re.ASCII)
            ):
                self.faults.append(f"{name}: header {header}: {value}")
        match _kind(answer):
            case "page":
                self.html(name, answer.text)
            case "document":
                self.document(name, answer.content)
            case "workbook":
                self.workbook(name, answer.content)
            case "table":
                self.table(name, answer.content)
            case "json":
                self.text(name, json.dumps(answer.json(), ensure_ascii=False))
            case _:
                self.seen.append(name)


def _kind(answer: Response) -> str:
    told = answer.headers.get("content-type", "")
    kinds = {
        "text/html": "page",
        "wordprocessingml": "document",
        "spreadsheetml": "workbook",
        "text/csv": "table",
        "application/json": "json",
    }
    return next((kind for mark, kind in kinds.items() if mark in told), "file")


def _faults_of(page: BeautifulSoup) -> Iterator[str]:
    for tag in page.find_all():
        if tag.name == "x-tdx":
            yield f"an element out of a text, in <{tag.parent.name if tag.parent else ''}>"
        for name, value in tag.attrs.items():
            if name.startswith(("tdx", "on")):
                yield f"an attribute out of a text: <{tag.name} {name}>"
            if name in ("href", "src", "action", "formaction") and _acts(str(value)):
                yield f"an address out of a text: {value}"


def _acts(address: str) -> bool:
    scheme = re.match(r"\s*([a-zA-Z][\w+.-]*):", address)
    return scheme is not None and scheme[1].lower() not in ("http", "https", "mailto", "tel", "cid")


def pages_from(client: TestClient, base: str, also: Iterable[str] = ()) -> Iterator[Response]:
    """Every kind of page and file that links lead to from a person's first page: of addresses that differ in
    numbers, or in the values asked for, the first."""
    waiting = [base, *(base + path for path in also)]
    seen: set[tuple[str, ...]] = set()
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        if not parts.path.startswith(base) or parts.path.endswith("/sign-out"):
            continue
        asked = sorted({name for name, _ in parse_qsl(parts.query)} - {"period"})
        key = (re.sub(r"\d+", "0", parts.path[len(base) :]), *asked)
        if key in seen:
            continue
        seen.add(key)
        answer: Response = client.get(address)
        yield answer
        if _kind(answer) == "page":
            for link in _LINK.findall(answer.text):
                waiting.append(urljoin(answer.request.url.path, unescape(link)).partition("#")[0])


def texts_filled(form: Tag, where: str) -> dict[str, str]:
    """Every field for free text of a form, hostile."""
    return {
        str(one["name"]): hostile(f"{where}.{one['name']}")
        for one in form.find_all(["input", "textarea"])
        if one.get("name")
        and not one.get("inputmode")
        and (one.name == "textarea" or one.get("type", "text") in ("text", "search"))
    }
