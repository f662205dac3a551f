"""Reading YAML that somebody sent: within bounds, and where it can't be read, what to look at there."""

from __future__ import annotations

from typing import Any

import yaml
from yaml import YAMLError

from workflow.domain.words import Words

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""As safe as SafeLoader and several times as fast, where libyaml is there."""
DEPTH = 40
"""Of lists and tables within each other."""
VALUES = 1_000_000
"""In one file, each counted as often as the file refers to it."""

CURE = Words("Kiểm tra thụt lề, dấu hai chấm và dấu nháy ở dòng đó.")


def loaded_yaml(text: str) -> Any:
    """Returns the loaded text; raises YAMLError if it can't be read or exceeds the bounds."""
    depth = 0
    # Before anything is built: building goes down as deep as the text does, and ends the process.
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise yaml.MarkedYAMLError(problem="too deep", problem_mark=event.start_mark)  # type: ignore[arg-type]  # the stubs know the Python mark alone
    try:
        content = yaml.load(text, Loader=LOADER)  # noqa: S506 - SafeLoader, or the C one that is as safe
    except (ValueError, OverflowError) as error:
        # A day there is not, or a number of thousands of digits.
        raise YAMLError(str(error)) from None
    _check_size(content)
    return content


def _check_size(content: Any) -> None:
    """Refuses what refers to itself, or to one part so often that printing it would fill the memory."""
    left, waiting = VALUES, [content]
    while waiting:
        one = waiting.pop()
        inner = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        left -= 1 + len(inner)
        if left < 0:
            raise YAMLError("too many values")
        waiting.extend(inner)


def place_of(error: YAMLError, name: str) -> str:
    """The file's name, with the line and column (from 1) where the error has them."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return name
    return Words(
        "%(name)s, dòng %(line)s, cột %(column)s", name=name, line=mark.line + 1, column=mark.column + 1
    )
