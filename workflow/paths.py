"""Where the files that ship beside the code are: in a checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """The folder of Jinja2 and Word templates: `templates/` of a checkout, else the wheel's own copy."""
    in_wheel = _PACKAGE / "_shipped" / "templates"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "templates"
