"""Checks an edited Word template: every tag parses and every name in it is known, else it is reported with
its place and the cure; then the template is rendered once with sample values."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from io import BytesIO
from typing import Any, get_args, get_origin, get_type_hints

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import TemplateSyntaxError, nodes
from lxml import etree

from workflow.domain.errors import TiendoError, UnreadablePlan
from workflow.domain.words import Words
from workflow.importing.readers.package import checked_package
from workflow.reports.values import PrintedReport
from workflow.reports.word.docx import KEPT_BACK, rendered
from workflow.reports.word.template_bounds import DEEPEST_LOOP, LONGEST_TAG, TemplateEnvironment

_TAG = re.compile(r"\{(?P<kind>[{%#])(?P<what>p|tr|tc|r)?(?(what)\s|)(?P<inside>.*?)[}%#]\}", re.DOTALL)
_CHARTS = {"by_section": str, "timeliness": str}
_ANY = object()
"""A name of which everything may be asked, as `loop`."""
_KEEPS_ITS_KIND = frozenset({"sort", "reverse", "list", "unique"})
_CLOSES = {"endif": "if", "endfor": "for"}

Kind = Any
"""A type of `workflow.reports.values`, a mapping of names to kinds, or `_ANY`."""


@dataclasses.dataclass(frozen=True, slots=True)
class TemplateFault:
    """An error in a template, its place, and the cure."""

    where: str
    tag: str
    what: str
    cure: str


def faults_in(template: bytes) -> tuple[TemplateFault, ...]:
    """All errors in a template, in its order; empty if it may be used. Raises if it is no Word file."""
    # Before anything is unpacked: what unpacks to too much, or declares entities, is refused.
    try:
        checked_package(template, "")
        document = DocxTemplate(BytesIO(template))
        document.init_docx()
    except (UnreadablePlan, PackageNotFoundError, KeyError, ValueError, etree.XMLSyntaxError) as error:
        raise TiendoError(
            "Tệp này không phải tệp Word (.docx).", cure="Lưu lại bằng Word với kiểu .docx."
        ) from error
    found = list(_TagReader().read(document))
    if not found:
        try:
            rendered(document, {"report": _made_up(PrintedReport), "charts": _made_up(_CHARTS)})
        except (TiendoError, etree.XMLSyntaxError) as error:
            what = error.what if isinstance(error, TiendoError) else Words("Mẫu làm hỏng cấu trúc tệp Word.")
            found.append(
                TemplateFault("cả mẫu", "", what, Words("So với mẫu gốc: tiendo report template --ready."))
            )
    return tuple(found)


class _TagReader:
    """Reads a template's tags in the order of the document, and knows the kind of each name there."""

    def __init__(self) -> None:
        self._environment = TemplateEnvironment()
        self._names: list[dict[str, Kind]] = [{"report": PrintedReport, "charts": _CHARTS}]
        self._open: list[tuple[str, str, str]] = []

    def read(self, document: DocxTemplate) -> Iterator[TemplateFault]:
        for where, text in _paragraphs(document.docx):
            for mark, end in (("{{", "}}"), ("{%", "%}")):
                if text.count(mark) != text.count(end):
                    what = Words("Thẻ mở bằng %(mark)s mà không đóng bằng %(end)s.", mark=mark, end=end)
                    cure = Words("Viết trọn thẻ trong một đoạn, không xuống dòng giữa thẻ.")
                    yield TemplateFault(where, text.strip()[:60], what, cure)
            for tag in _TAG.finditer(text):
                if tag["kind"] == "#":
                    continue
                try:
                    self._one(tag["kind"], tag["inside"].strip("- \xa0"), where, tag[0])
                except _Wrong as wrong:
                    yield TemplateFault(where, tag[0], wrong.what, wrong.cure)
        for _, where, written in self._open:
            what = Words("Thẻ này chưa có thẻ đóng.")
            yield TemplateFault(where, written, what, Words("Thêm endfor hoặc endif sau phần nó bao."))

    def _one(self, kind: str, inside: str, where: str, tag: str) -> None:
        if len(tag) > LONGEST_TAG:
            what = Words("Thẻ dài quá %(most)s ký tự.", most=LONGEST_TAG)
            raise _Wrong(what, Words("Xem cách viết trong mẫu gốc."))
        if kind == "{":
            body = self._parsed(f"{{{{ {inside} }}}}").body[0]
            self._kind_of(body.nodes[0])  # type: ignore[attr-defined]
            return
        word = inside.split(" ", 1)[0]
        if word in _CLOSES:
            if not self._open or self._open[-1][0] != _CLOSES[word]:
                raise _Wrong(
                    Words("Thẻ đóng này không khớp thẻ mở nào."), Words("Xóa thẻ, hoặc thêm thẻ mở trước nó.")
                )
            if self._open.pop()[0] == "for":
                self._names.pop()
        elif word == "else":
            if not self._open:
                raise _Wrong(Words("Thẻ này không nằm giữa thẻ mở và thẻ đóng."), Words("Xóa thẻ này."))
        elif word == "elif":
            self._kind_of(self._parsed(f"{{% if {inside[5:]} %}}{{% endif %}}").body[0].test)  # type: ignore[attr-defined]
        elif word == "if":
            self._open.append(("if", where, tag))
            self._kind_of(self._parsed(f"{{% {inside} %}}{{% endif %}}").body[0].test)  # type: ignore[attr-defined]
        elif word == "for":
            self._open.append(("for", where, tag))
            self._names.append({"loop": _ANY})
            if sum(word == "for" for word, _, _ in self._open) > DEEPEST_LOOP:
                what = Words("Quá %(most)s vòng lặp lồng nhau.", most=DEEPEST_LOOP)
                raise _Wrong(what, Words("Lặp qua danh sách nằm trong mục đang lặp, không lặp lại từ đầu."))
            self._loop(self._parsed(f"{{% {inside} %}}{{% endfor %}}").body[0])
        else:
            raise _Wrong(Words("Không dùng được thẻ này trong mẫu."), Words("Chỉ dùng if, for và {{ … }}."))

    def _loop(self, loop: Any) -> None:
        # Defined even where the list is unknown, so that one wrong name is reported once.
        names = [one.name for one in loop.target.find_all(nodes.Name)] or [loop.target.name]
        self._names[-1] |= dict.fromkeys(names, _ANY)
        each = self._kind_of(loop.iter)
        if each is not _ANY:
            if not _is_list(each):
                raise _Wrong(Words("Đây không phải một danh sách."), Words("Dùng {{ … }} thay cho for."))
            self._names[-1][loop.target.name] = get_args(each)[0]
        if loop.test is not None:
            self._kind_of(loop.test)

    def _parsed(self, source: str) -> nodes.Template:
        try:
            return self._environment.parse(source)
        except (TemplateSyntaxError, RecursionError, ValueError) as error:
            why = error.message if isinstance(error, TemplateSyntaxError) else type(error).__name__
            what = Words("Không hiểu thẻ: %(why)s.", why=why or "")
            raise _Wrong(what, Words("Xem cách viết trong mẫu gốc.")) from error

    def _kind_of(self, node: nodes.Node) -> Kind:
        match node:
            case nodes.Name(name=name):
                return self._named(name)
            case nodes.Getattr(node=of, attr=name):
                return self._within(self._kind_of(of), name)
            case nodes.Getitem(node=of, arg=nodes.Const(value=str(name))):
                return self._within(self._kind_of(of), name)
            case nodes.Getitem(node=of, arg=nodes.Slice()):
                return self._kind_of(of)
            case nodes.Getitem(node=of):
                each = self._kind_of(of)
                return get_args(each)[0] if _is_list(each) else str
            case nodes.Pow():
                raise _Wrong(Words("Mẫu không tính lũy thừa."), Words("Bỏ phép tính; in thẳng giá trị."))
            case nodes.Mul(left=left, right=right) if not (self._is_number(left) and self._is_number(right)):
                # A text or a list times a number is repeated, till the memory is full.
                raise _Wrong(Words("Mẫu chỉ nhân số với số."), Words("Bỏ phép tính; in thẳng giá trị."))
            case nodes.Call():
                raise _Wrong(Words("Mẫu chỉ in giá trị, không gọi hàm."), Words("Bỏ phần trong ngoặc đơn."))
            case nodes.Filter(node=nodes.Node() as of, name=name):
                if name not in self._environment.filters:
                    raise _unknown(name, list(self._environment.filters))
                kind = self._kind_of(of)
                return kind if name in _KEEPS_ITS_KIND else str
        for child in node.iter_child_nodes():
            self._kind_of(child)
        return str

    def _is_number(self, node: nodes.Node) -> bool:
        if isinstance(node, nodes.Const):
            return isinstance(node.value, int | float)
        return isinstance(node, nodes.Mul) or self._kind_of(node) in (int, float, Decimal, _ANY)

    def _named(self, name: str) -> Kind:
        for names in reversed(self._names):
            if name in names:
                return names[name]
        raise _unknown(name, [known for names in self._names for known in names])

    def _within(self, kind: Kind, name: str) -> Kind:
        if kind is _ANY:
            return _ANY
        known = _fields_of(kind)
        if name not in known:
            raise _unknown(name, list(known))
        return known[name]


class _Wrong(Exception):
    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what, self.cure = what, cure


def _unknown(name: str, known: list[str]) -> _Wrong:
    near = get_close_matches(name, known, 1, 0.6)
    if near:
        cure = Words("Có phải “%(near)s”?", near=near[0])
    elif known:
        cure = Words("Dùng một trong: %(known)s.", known=", ".join(known))
    else:
        cure = Words("Chỗ này chỉ in được cả giá trị.")
    return _Wrong(Words("Không có “%(name)s” ở đây.", name=name), cure)


def _is_list(kind: Kind) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple


def _fields_of(kind: Kind) -> dict[str, Kind]:
    if isinstance(kind, dict):
        return kind
    if not dataclasses.is_dataclass(kind):
        return {}
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in dataclasses.fields(kind) if one.name not in KEPT_BACK}


def _paragraphs(document: Any) -> Iterator[tuple[str, str]]:
    """The place and the text of each paragraph: the body, then headers and footers."""
    yield from _in_place(document.element.body, "")
    for number, section in enumerate(document.sections, 1):
        for name, part in (
            ("đầu trang", section.header),
            ("đầu trang thứ nhất", section.first_page_header),
            ("chân trang", section.footer),
            ("chân trang thứ nhất", section.first_page_footer),
        ):
            if not part.is_linked_to_previous:
                yield from _in_place(part._element, f"{name} của phần {number}, ")


def _in_place(root: Any, before: str) -> Iterator[tuple[str, str]]:
    counts = {"p": 0, "tbl": 0}
    for child in root.iterchildren(qn("w:p"), qn("w:tbl")):
        is_table = child.tag == qn("w:tbl")
        counts["tbl" if is_table else "p"] += 1
        if not is_table:
            yield f"{before}đoạn {counts['p']}", _text(child)
            continue
        for row, line in enumerate(child.iterchildren(qn("w:tr")), 1):
            for paragraph in line.iter(qn("w:p")):
                yield f"{before}bảng {counts['tbl']}, hàng {row}", _text(paragraph)


def _text(paragraph: Any) -> str:
    return "".join(one.text or "" for one in paragraph.iter(qn("w:t")))


def _made_up(kind: Kind) -> Any:
    """A value of a kind, for filling a template in."""
    if _is_list(kind):
        return [_made_up(get_args(kind)[0])] * 2
    if fields := _fields_of(kind):
        return {name: _made_up(of) for name, of in fields.items()}
    return {int: 1, bool: True}.get(kind, "…")
