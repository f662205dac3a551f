"""`tiendo report`: letterhead, template and files from the command line."""

from __future__ import annotations

import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner

from tests.builders import a_store, an_open_period
from workflow.cli import app
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.reports.document_number import read_number


def _run(*words: str, exit_code: int = 0) -> str:
    found = CliRunner().invoke(app, ["report", *words], catch_exceptions=False)
    assert found.exit_code == exit_code
    return " ".join(found.stdout.split())


def _edited(template: Path, text: str) -> None:
    document = Document(str(template))
    document.paragraphs[0].insert_paragraph_before(text)
    document.save(str(template))


def test_an_edited_template_is_used_once_its_tags_hold_and_put_away_again(tmp_path: Path) -> None:
    an_open_period(a_store(tmp_path))
    mine, data = tmp_path / "mau.docx", ("--data", str(tmp_path))
    assert "mẫu gốc" in _run("template", "--out", str(mine), *data)
    _edited(mine, "MẬT {{ report.subjet }}")
    told = _run("check-template", str(mine), exit_code=1)
    assert "đoạn 1: MẬT" not in told
    assert "✗ đoạn 1: {{ report.subjet }} Không có “subjet” ở đây. Có phải “subject”?" in told
    with pytest.raises(TiendoError, match="Mẫu chưa dùng được"):
        _run("use-template", str(mine), *data)

    _run("template", "--out", str(mine), *data)
    _edited(mine, "MẬT {{ report.span_text }}")
    assert "mọi thẻ đều đúng" in _run("check-template", str(mine))
    _run("use-template", str(mine), *data)
    _run("letterhead", "--superior", "Đảng bộ thành phố", *data)
    out = tmp_path / "out"
    _run("draw", "2026-Q1", "--out", str(out), *data)
    drawn = Document(BytesIO((out / "bao-cao-2026-q1.docx").read_bytes()))
    assert drawn.paragraphs[0].text == "MẬT quý I/2026"
    assert drawn.tables[0].cell(0, 0).text.startswith("ĐẢNG BỘ THÀNH PHỐ\n")
    assert (out / "bao-cao-2026-q1.xlsx").is_file()
    assert "mẫu riêng" in _run("template", "--out", str(mine), *data)

    _run("reset-template", *data)
    assert "mẫu gốc" in _run("template", "--out", str(mine), *data)


@pytest.mark.parametrize("typed", ["BB-KP", "BB/ĐU", "12", "B B", "_"])
def test_a_series_that_no_number_can_be_of_is_refused(tmp_path: Path, typed: str) -> None:
    an_open_period(a_store(tmp_path))
    with pytest.raises(NotAllowed, match="không phải là ký hiệu của một loại văn bản") as refused:
        _run("letterhead", "--minutes-series", typed, "--data", str(tmp_path))
    assert "như BB" in str(refused.value.cure)


def test_a_series_is_kept_as_numbers_are_read_however_it_was_typed(tmp_path: Path) -> None:
    an_open_period(a_store(tmp_path))
    typed, data = unicodedata.normalize("NFD", " BBÔ "), ("--data", str(tmp_path))
    assert "Ký hiệu số biên bản: BBÔ" in _run("letterhead", "--minutes-series", typed, *data)
    assert read_number(unicodedata.normalize("NFD", "03-BBÔ/ĐU")).is_of("BBÔ")
    told = _run("letterhead", "--minutes-series", "", *data)
    assert told.endswith("Ký hiệu số biên bản: (theo thể thức)")
