"""What an edited Word template may do: print values, ask and repeat, within bounds.

A template is untrusted input: nothing in it may exhaust memory or time, by mistake or on purpose.
"""

from __future__ import annotations

from typing import Any

from jinja2.exceptions import FilterArgumentError, SecurityError
from jinja2.filters import do_round
from jinja2.sandbox import SandboxedEnvironment

FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "first", "float", "int", "join", "last", "length"),
    *("list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "round", "select"),
    *("selectattr", "sort", "string", "sum", "title", "trim", "unique", "upper"),
)
"""Filters whose output is not larger than their input. `center`, `indent`, `batch`, `format` and `replace`
can fill the memory with one large number or repetition."""
LONGEST_TAG = 500
"""Characters of one tag: no expression that prints a value comes near it."""
DEEPEST_LOOP = 6
"""Loops within loops: sections, rows, parts, figures, and two to spare."""
MOST_PLACES = 10
"""Decimals a number may be rounded to: rounding up works out ten to their power."""


def _rounded(value: Any, precision: int = 0, method: Any = "common") -> float:
    if abs(precision) > MOST_PLACES:
        raise FilterArgumentError(f"round: nhiều nhất {MOST_PLACES} chữ số")
    return do_round(value, precision, method)


class TemplateEnvironment(SandboxedEnvironment):
    """Fills templates in: no multiplying of texts and lists, no powers, no filter but the ones above."""

    # Jinja must not evaluate these while it compiles a template, either.
    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.filters["round"] = _rounded
        self.globals.clear()

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """One of the operators above, between numbers; raises SecurityError otherwise."""
        if operator == "**" or not all(isinstance(one, int | float) for one in (left, right)):
            raise SecurityError(f"“{operator}” không dùng được trong mẫu")
        return super().call_binop(context, operator, left, right)
