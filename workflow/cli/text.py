"""How the command line speaks: one console for results, one for errors."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

from workflow.domain.errors import TiendoError

# Where nobody watches (a pipe, CI) there is no width to ask for; 80 columns would break the tables.
out = Console(width=None if sys.stdout.isatty() else 110, soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def say_error(error: TiendoError) -> None:
    """What went wrong, where, and the cure, each on its line."""
    err.print(f"[bold red]✗[/] {error.what}", highlight=False)
    if error.where:
        err.print(f"  Ở: {error.where}", highlight=False, markup=False)
    if error.cure:
        err.print(f"  Cách sửa: {error.cure}", highlight=False, markup=False)


def say_json(body: Any) -> None:
    """One JSON document on standard output, for scripts."""
    print(json.dumps(body, ensure_ascii=False, indent=2))
