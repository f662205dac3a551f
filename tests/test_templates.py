"""What may become markup: the templates' own words, and nothing else. Templates and sources are read as the
programs they are, so that no spelling of the forbidden slips through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from workflow.i18n import languages
from workflow.mail.letters.composing import _templates as mail_environment
from workflow.paths import templates_dir
from workflow.web.pages import environment as page_environment

ROOT = Path(__file__).resolve().parent.parent
TRANSLATING = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
RAW_FILTERS = {"safe", "tojson", "xmlattr", "urlize", "format"}
"""Filters of Jinja that give markup, or make markup of what is put into it."""
MARKUP_MAKERS = {"Markup", "MarkSafe", "mark_safe", "do_mark_safe"}
ALLOWED_MARKUP = {
    # The one place where a message becomes markup: a literal of a template, as the test below holds.
    ("workflow/i18n.py", "put"),
}


def _faults(source: str) -> Iterator[str]:
    """What a template does that could make text of people into markup."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATING:
            first = call.args[0] if call.args else None
            if not (isinstance(first, nodes.Const) and isinstance(first.value, str)):
                yield f"line {call.lineno}: {call.node.name}() of what is no literal"
            if call.dyn_args is not None:
                yield f"line {call.lineno}: {call.node.name}() of a list"
        if isinstance(call.node, nodes.Name) and call.node.name in MARKUP_MAKERS:
            yield f"line {call.lineno}: {call.node.name}()"
    for name in tree.find_all(nodes.Name):
        if name.ctx != "load" and name.name in TRANSLATING:
            yield f"line {name.lineno}: {name.name} under another meaning"
    called = {id(call.node) for call in tree.find_all(nodes.Call)}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name in TRANSLATING and id(name) not in called:
            yield f"line {name.lineno}: {name.name} given away under another name"
    for one in tree.find_all(nodes.Filter):
        if one.name in RAW_FILTERS:
            yield f"line {one.lineno}: |{one.name}"
        if one.name == "map" and any(
            isinstance(arg, nodes.Const) and arg.value in RAW_FILTERS for arg in one.args
        ):
            yield f"line {one.lineno}: map to a raw filter"
    for raw in tree.find_all((nodes.MarkSafe, nodes.MarkSafeIfAutoescape, nodes.EvalContextModifier)):
        yield f"line {raw.lineno}: escaping turned off, or text declared safe"
    for attribute in tree.find_all(nodes.Getattr):
        if attribute.attr in ("__html__", "__class__", "_from_parsed_string"):
            yield f"line {attribute.lineno}: {attribute.attr}"


TEMPLATES = sorted(
    str(path.relative_to(templates_dir()))
    for path in templates_dir().rglob("*")
    if path.suffix in (".html", ".txt")
)


def test_every_template_translates_literals_alone_and_declares_nothing_safe() -> None:
    found = {
        name: faults
        for name in TEMPLATES
        if (faults := list(_faults((templates_dir() / name).read_text(encoding="utf-8"))))
    }
    assert len(TEMPLATES) > 90
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "{{ _(one.label) }}",
        "{{ _(one.what|replace('%', '%%')) }}",
        "{{ _('a' ~ b) }}",
        "{{ _(*words) }}",
        "{{ gettext(x) }}",
        "{{ ngettext(a, b, n) }}",
        "{{ words|map('safe')|join }}",
        "{% set say = _ %}{{ say(x) }}",
        "{% macro m(_) %}{{ _('x') }}{% endmacro %}",
        "{{ x|safe }}",
        "{{ x|tojson }}",
        "{% filter safe %}{{ x }}{% endfilter %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{{ Markup(x) }}",
        "{{ x.__html__() }}",
        "{% trans %}a{{ x }}{% endtrans %}{{ '<b>%s</b>'|format(x) }}",
    ],
)
def test_what_could_make_markup_of_a_value_is_found(source: str) -> None:
    assert list(_faults(source))


def _markup_in(path: Path) -> Iterator[tuple[str, str]]:
    """Where a source makes markup: (file, function), for each use of a name that does."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = node.name
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            literal = len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
            if name in MARKUP_MAKERS and not literal:
                yield str(path.relative_to(ROOT)), function
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), "")


def _sources() -> list[Path]:
    return [*(ROOT / "workflow").rglob("*.py"), *(ROOT / "flows").rglob("*.py")]


def test_no_source_makes_markup_but_of_a_message_of_ours() -> None:
    assert {place for path in _sources() for place in _markup_in(path)} == ALLOWED_MARKUP


def test_words_are_never_put_together_from_pieces() -> None:
    """A message is a literal or one of ours by name: never a text of people with words around it, which no
    catalogue has, and in which a % would be read as a place for a value."""
    found = [
        (str(path.relative_to(ROOT)), ast.unparse(node))
        for path in _sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Words"
        and not (node.args and isinstance(node.args[0], (ast.Constant, ast.Name, ast.Subscript)))
    ]
    assert found == []


@pytest.mark.parametrize("language", languages())
def test_pages_and_the_html_of_mails_escape_what_is_put_into_them(language: str) -> None:
    hostile = "<b onclick=x>%(n)s & \"'</b>"
    for environment, name in (
        (page_environment(language), "pages/x.html"),
        (mail_environment(language), "x.html"),
    ):
        assert environment.is_async is False
        assert callable(environment.autoescape)
        assert environment.autoescape(name)
        told = environment.from_string(
            "{% autoescape true %}{{ x }}{{ _('%(n)s tệp', n=x) }}{% endautoescape %}"
        ).render(x=hostile)
        assert "<b" not in told
        assert told.count("&lt;b onclick=x&gt;%(n)s &amp; &#34;&#39;&lt;/b&gt;") == 2
