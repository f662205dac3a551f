"""Output of the command line: one console for results, one for errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from workflow.domain.errors import TiendoError
from workflow.domain.rules.schema import SchemaFault

# Where nobody watches (a pipe, CI) there is no width to ask for; 80 columns would break the tables.
out = Console(width=None if sys.stdout.isatty() else 110, soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def say_error(error: TiendoError) -> None:
    """What went wrong, where, and the cure, each on its line."""
    err.print(f"[bold red]✗[/] {escape(error.what)}", highlight=False)
    if error.where:
        err.print(f"  Ở: {error.where}", highlight=False, markup=False)
    if error.cure:
        err.print(f"  Cách sửa: {error.cure}", highlight=False, markup=False)


def say_check(faults: Sequence[SchemaFault], good: Callable[[], tuple[str, str]], *, as_json: bool) -> None:
    """Prints the result of checking a rules file: every error or, where there is none, the name and version
    from `good`."""
    if as_json:
        say_json([{"what": one.what, "where": one.where, "cure": one.cure} for one in faults])
        return
    for one in faults:
        err.print(f"[bold red]✗[/] {escape(one.where)}: {escape(one.what)} {escape(one.cure)}".rstrip())
    if not faults:
        name, version = good()
        out.print(f"[green]✓[/] {escape(name)}, phiên bản {escape(version)}: dùng được.")


def say_json(body: Any) -> None:
    """One JSON document on standard output, for scripts."""
    print(json.dumps(body, ensure_ascii=False, indent=2))
