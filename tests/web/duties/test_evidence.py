"""Evidence files: told by content, pictures made small and bare, the dangerous refused with a reason."""

from __future__ import annotations

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from tests.builders import a_link, a_plan
from tests.web.visiting import Visit, a_visit, form_of, text_of
from workflow.storage.files import Files
from workflow.storage.tables import attachments
from workflow.web.duties import pictures
from workflow.web.duties.file_kinds import DOCX, JPEG, PDF, PNG, XLSX, ZIP, NotTaken, kind_of

UPRIGHT_IS_TURNED_RIGHT = 6
GPS = 0x8825


def a_zip(**parts: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return body.getvalue()


def a_photo(width: int = 3000, height: int = 1500) -> bytes:
    """A phone's photograph: held upright, so stored lying, with the place it was taken at."""
    picture = Image.new("RGB", (width, height), "green")
    picture.paste("red", (0, 0, width // 2, height))
    exif = picture.getexif()
    exif[0x0112] = UPRIGHT_IS_TURNED_RIGHT
    exif[0x010F] = "Phone maker"
    exif[GPS] = {1: "N", 2: (16.0, 3.0, 12.0)}
    body = io.BytesIO()
    picture.save(body, "JPEG", exif=exif)
    return body.getvalue()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7 ...", PDF),
        (a_photo(40, 20), JPEG),
        (a_zip(**{"[Content_Types].xml": b"", "word/document.xml": b""}), DOCX),
        (a_zip(**{"[Content_Types].xml": b"", "xl/workbook.xml": b""}), XLSX),
        (a_zip(**{"ảnh/1.jpg": b"", "biên bản.pdf": b""}), ZIP),
        # A zip that only calls its folders so is a zip.
        (a_zip(**{"[Content_Types].xml": b"", "word/anh.jpg": b""}), ZIP),
        (a_zip(**{"word/document.xml": b""}), ZIP),
    ],
)
def test_a_file_is_what_its_content_says(body: bytes, kind: object) -> None:
    assert kind_of(body) is kind


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"MZ\x90\x00", "chương trình"),
        (b"\x7fELF\x02", "chương trình"),
        (b"#!/bin/sh\nrm", "chương trình"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><script>", "trang web"),
        ("<html>".encode("utf-16"), "trang web"),
        (b'<?xml version="1.0"?><svg onload="x()">', "SVG"),
        (
            a_zip(**{"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}),
            "macro",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "_VBA_PROJECT".encode("utf-16-le"), "macro"),
        (a_zip(**{"ảnh.jpg": b"", "mo-di.exe": b"MZ"}), "mo-di.exe"),
        (b"PK\x03\x04 cut short", "bị hỏng"),
        (b"#!/bin/sh\nexit\n%PDF-1.7", "không phải PDF đúng chuẩn"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42", "phim"),
        (b"chu suong", "không thuộc loại"),
    ],
)
def test_what_can_act_when_opened_is_refused_with_the_reason(body: bytes, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        kind_of(body)


def test_a_photograph_is_turned_upright_made_small_and_keeps_no_place() -> None:
    kept = Image.open(io.BytesIO(pictures.fit(a_photo(), JPEG, 2000)))
    assert kept.size == (1000, 2000)
    assert dict(kept.getexif()) == {}
    red, green, _ = kept.getpixel((500, 100))  # type: ignore[misc]
    assert red > green


def test_a_picture_that_unpacks_to_too_much_is_refused() -> None:
    body = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(body, "PNG")
    assert len(body.getvalue()) < 100_000
    with pytest.raises(NotTaken, match="quá nhiều điểm ảnh"):
        pictures.fit(body.getvalue(), PNG, 2000)


def test_a_light_picture_of_many_pixels_is_refused_before_it_is_unpacked() -> None:
    body = io.BytesIO()
    Image.new("RGB", (7_000, 7_000)).save(body, "PNG")
    assert len(body.getvalue()) < 200_000
    begun = time.process_time()
    with pytest.raises(NotTaken, match="quá nhiều điểm ảnh"):
        pictures.fit(body.getvalue(), PNG, 2000)
    assert time.process_time() - begun < 0.2


def test_a_page_scanned_at_400_dpi_is_taken() -> None:
    body = io.BytesIO()
    Image.new("L", (3_307, 4_677), "white").save(body, "PNG")
    assert Image.open(io.BytesIO(pictures.fit(body.getvalue(), PNG, 2000))).size == (1414, 2000)


def test_pictures_are_unpacked_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []
    real = pictures._fitted

    def watched(*given: Any) -> bytes:
        at_once.append(1)
        assert len(at_once) == 1
        try:
            time.sleep(0.02)
            return real(*given)
        finally:
            at_once.pop()

    monkeypatch.setattr(pictures, "_fitted", watched)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: pictures.fit(a_photo(40, 20), JPEG, 20), range(8)))
    assert len(made) == 8


def test_a_picture_that_waits_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "WAIT_SECONDS", 0.01)
    with pictures._unpacking, pytest.raises(NotTaken, match="máy đang bận"):
        pictures.fit(a_photo(40, 20), JPEG, 20)


def test_a_broken_picture_is_refused() -> None:
    with pytest.raises(NotTaken, match="bị hỏng"):
        pictures.fit(a_photo()[:300], JPEG, 2000)


def _save(visit: Visit, *files: tuple[str, bytes], script: bool = True) -> Any:
    path = f"/l/{a_link(visit.opened, 'ubnd')}"
    form = form_of(visit.client.get(f"{path}/report/{visit.opened.cycles[0]}"))
    sent = [("evidence", (name, body, "application/octet-stream")) for name, body in files]
    headers = {"accept": "application/json"} if script else {}
    return visit.client.post(f"{path}/draft", data=form.fields, files=sent, headers=headers)


def test_files_put_in_are_checked_at_once_and_come_back_with_their_seals(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    told = _save(visit, ("ảnh hiện trường.JPG", a_photo()), ("trang.pdf", b"<html>")).json()
    assert [one["name"] for one in told["kept"]] == ["ảnh hiện trường.JPG"]
    assert "Tệp “trang.pdf” là trang web" in told["refusals"]


def test_without_scripts_the_form_tells_what_was_not_taken(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    said = text_of(_save(visit, ("trang.pdf", b"<html>"), ("ok.pdf", b"%PDF-1"), script=False))
    assert "Tệp “trang.pdf” là trang web" in said
    assert "ok.pdf" in said


def test_the_same_picture_twice_is_kept_once_under_its_own_name_with_the_right_ending(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    path = f"/l/{a_link(visit.opened, 'ubnd')}"
    form = form_of(visit.client.get(f"{path}/report/{visit.opened.cycles[0]}"))
    photo = a_photo()
    files = [("evidence", (name, photo, "")) for name in ("Ảnh 1.png", "Ảnh 2.jpg")]
    visit.client.post(form.action, data=form.filled(progress="40", body="Đang làm."), files=files)
    with visit.opened.store.reading() as tx:
        row = tx.execute(select(attachments)).one()
    assert (row.name, row.media_type) == ("Ảnh 1.png.jpg", "image/jpeg")
    kept = Files(f"file://{(tmp_path / 'files').absolute()}").get(row.sha256)
    assert len(kept) == row.size < len(photo)


def test_a_file_taken_out_again_is_not_sent(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1))
    _save(visit, ("a.pdf", b"%PDF-1 a"), ("b.pdf", b"%PDF-1 b"))
    path = f"/l/{a_link(visit.opened, 'ubnd')}"
    form = form_of(visit.client.get(f"{path}/report/{visit.opened.cycles[0]}"))
    fields = form.filled(progress="40", body="Đang làm.")
    visit.client.post(form.action, data=fields)  # a plain form keeps the last of two boxes of one name
    with visit.opened.store.reading() as tx:
        assert tx.scalars(select(attachments.c.name)).all() == ["b.pdf"]


def test_more_files_than_told_are_refused(tmp_path: Path) -> None:
    visit = a_visit(tmp_path, plan=a_plan(1), settings={"evidence_files": 1})
    told = _save(visit, ("a.pdf", b"%PDF-1 a"), ("b.pdf", b"%PDF-1 b")).json()
    assert len(told["kept"]) == 1
    assert "nhiều nhất 1 tệp" in told["refusals"]
