"""Where a YAML file can't be read, and what to look at there."""

from __future__ import annotations

from yaml import YAMLError

from workflow.domain.words import Words

CURE = Words("Kiểm tra thụt lề, dấu hai chấm và dấu nháy ở dòng đó.")


def place_of(error: YAMLError, name: str) -> str:
    """The file's name, with the line and column (from 1) where the error tells them."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return name
    return Words(
        "%(name)s, dòng %(line)s, cột %(column)s", name=name, line=mark.line + 1, column=mark.column + 1
    )
