"""Rendering: words of another language, numbers as people type them, bodies within limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from tests.builders import a_link
from tests.web.visiting import a_visit
from workflow import i18n
from workflow.domain.cycles.cycle import Stage
from workflow.web.pages import environment, size


def test_a_page_speaks_the_language_asked_for_where_its_catalogue_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Catalog(locale="en", domain=i18n.DOMAIN)
    words.add("Báo cáo của đơn vị", "Own reports")
    words.add("Chờ báo cáo", "Waiting for the report")
    words.add("%(stage)s từ %(day)s", "%(stage)s since %(day)s")
    folder = tmp_path / "locale" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{i18n.DOMAIN}.po").open("wb") as file:
        write_po(file, words)
    monkeypatch.setattr(i18n, "LOCALE_DIR", tmp_path / "locale")
    caches = (i18n.languages, i18n.catalogue, environment)
    for cached in caches:
        cached.cache_clear()
    try:
        visit = a_visit(tmp_path)
        token = a_link(visit.opened, "ubnd")
        assert "Báo cáo của đơn vị" in visit.client.get(f"/l/{token}?lang=xx").text
        page = visit.client.get(f"/l/{token}?at=1").text
        assert "Báo cáo của đơn vị" in page
        assert 'href="?at=1&amp;lang=en"' in page
        assert "Own reports" in visit.client.get(f"/l/{token}?lang=en").text
        # Remembered, till the other language is asked for.
        assert "Own reports" in visit.client.get(f"/l/{token}").text
        assert "Báo cáo của đơn vị" in visit.client.get(f"/l/{token}?lang=vi").text
        assert "Báo cáo của đơn vị" in visit.client.get(f"/l/{token}").text
        told = environment("en").from_string(
            "{% autoescape true %}{{ words }} <{{ _('%(stage)s từ %(day)s', stage=stage, day='<5>') }}"
            "{% endautoescape %}"
        )
        stage = Stage.WAITING_SUBMISSION.label
        assert told.render(words=stage, stage=stage) == (
            "Waiting for the report <Waiting for the report since &lt;5&gt;"
        )
    finally:
        for cached in caches:
            cached.cache_clear()


@pytest.mark.parametrize(("count", "told"), [(9, "1 KB"), (340_000, "340 KB"), (1_240_000, "1,2 MB")])
def test_a_size_is_told_in_round_units(count: int, told: str) -> None:
    assert size(count) == told
