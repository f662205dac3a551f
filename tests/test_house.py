"""The house keeps its order: what the code is asked to be, held by reading it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORKFLOW = ROOT / "workflow"

LONG_BY_NATURE = {
    "workflow/storage/tables",
    "workflow/domain/rules",
}
"""Tables and rules are as long as there are of them."""

NOT_YET_ON_A_PAGE: set[str] = set()
"""Acts that only tests can reach. This list stays empty."""


ANOTHERS_DATABASE = {"flows.server_repairs"}
"""Modules that name SQLAlchemy because Prefect's server keeps its own database with it."""


QUERYING = {f"{who}.{does}" for who in ("tx", "connection") for does in ("execute", "scalar", "scalars")}


def _modules() -> Iterator[Path]:
    for top in (WORKFLOW, ROOT / "flows"):
        for path in sorted(top.rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


def test_a_class_name_means_one_thing_in_the_whole_house() -> None:
    where = defaultdict(set)
    for path in _modules():
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and _name(path).startswith("workflow"):
                where[node.name].add(_name(path))
    assert {name: sorted(places) for name, places in where.items() if len(places) > 1} == {}


def test_no_room_holds_more_than_fifteen_modules() -> None:
    rooms = defaultdict(list)
    for path in _modules():
        if path.name != "__init__.py":
            rooms[str(path.parent.relative_to(ROOT))].append(path.name)
    assert {room: len(found) for room, found in rooms.items() if len(found) > 15} == {}


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in _modules()
    }
    too_long = {path: n for path, n in lengths.items() if n > 400}
    assert {p: n for p, n in too_long.items() if not p.startswith(tuple(LONG_BY_NATURE))} == {}


def test_sql_stands_in_storage_alone() -> None:
    outside = {}
    for path in _modules():
        if not _name(path).startswith("workflow.storage") and _name(path) not in ANOTHERS_DATABASE:
            outside[_name(path)] = sorted(set(_means_of_sql(_tree(path))))
    assert {module: names for module, names in outside.items() if names} == {}


def _means_of_sql(tree: ast.Module) -> Iterator[str]:
    """What a module could make a query with: names of SQLAlchemy, tables, the writing of rows, and calls of a
    transaction itself. A transaction is handed through every layer, and its errors are met where it began."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] == "sqlalchemy")
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {one.name for one in node.names}
            if node.module.partition(".")[0] == "sqlalchemy":
                yield from (one for one in names - {"Connection"} if not one.endswith("Error"))
            elif node.module.startswith("workflow.storage.tables"):
                yield from (f"table {one}" for one in names if not one.isupper())
            elif node.module == "workflow.storage.writing":
                yield from (f"writing {one}" for one in names)
            elif node.module == "workflow.storage":
                yield from (one for one in names & {"tables", "writing"})
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in QUERYING:
            yield ast.unparse(node)


def test_every_module_says_what_it_is_for() -> None:
    assert [_name(path) for path in _modules() if ast.get_docstring(_tree(path)) is None] == []


# What reaches what: from the definitions of pages, commands and flows along the names they use.

ENTRANCES = ("workflow.web", "workflow.cli", "workflow.mail", "workflow.webhooks", "flows")


class _Definitions:
    """All functions and classes at the top of modules, and which of them each names."""

    def __init__(self) -> None:
        self.modules = {_name(path): _tree(path) for path in _modules()}
        self.top = {
            f"{module}.{node.name}": node
            for module, tree in self.modules.items()
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }

    @cache  # noqa: B019 - one object, for one test
    def _known(self, module: str) -> dict[str, str]:
        """What each name of the module stands for: a definition or a module."""
        known = {}
        for node in ast.walk(self.modules[module]):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        for full in self.top:
            if full.rpartition(".")[0] == module:
                known[full.rpartition(".")[2]] = full
        return known

    def used_by(self, module: str, node: ast.AST) -> set[str]:
        """The definitions a piece of code names."""
        known = self._known(module)
        found = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id in known:
                found.add(known[part.id])
            elif (
                isinstance(part, ast.Attribute)
                and isinstance(part.value, ast.Name)
                and part.value.id in known
            ):
                found.add(f"{known[part.value.id]}.{part.attr}")
        return found & self.top.keys()

    def reached(self) -> set[str]:
        """What the entrances reach."""
        found: set[str] = set()
        ahead = {
            used
            for module, tree in self.modules.items()
            if module.startswith(ENTRANCES)
            for used in self.used_by(module, tree)
        }
        # A module's own statements outside definitions count for whoever imports it.
        while ahead:
            found |= ahead
            ahead = {
                used for full in ahead for used in self.used_by(full.rpartition(".")[0], self.top[full])
            } - found
        return found


_WRITES = re.compile(r"\.insert\(\)|\binsert\(|\bupdate\(|\bdelete\(|\brecord\(|\bsettled?\(|AuditEntry\(")


def test_every_act_of_storage_that_writes_a_fact_is_reached_by_a_page_a_command_or_a_flow() -> None:
    known = _Definitions()
    reached = known.reached()
    unreached = set()
    for full, node in known.top.items():
        module, _, name = full.rpartition(".")
        if (
            not module.startswith("workflow.storage")
            or name.startswith("_")
            or isinstance(node, ast.ClassDef)
        ):
            continue
        takes = [one.arg for one in node.args.args[:1]]
        if takes == ["tx"] and _WRITES.search(ast.unparse(node)) and full not in reached:
            unreached.add(full)
    assert unreached == NOT_YET_ON_A_PAGE
