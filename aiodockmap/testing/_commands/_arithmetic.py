"""What stands in `$((…))`: whole numbers."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Final

from ._steps import Unclear

LARGEST: Final = 2**63
LONGEST: Final = 200
"""Characters; nobody writes longer ones, and none may keep the engine busy."""
_NUMBER: Final = re.compile(r"(?<!\w)\d\w*", re.ASCII)
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9]\d{0,18}|0x[0-9A-Fa-f]{1,15}", re.ASCII)
"""Not one that begins with 0 otherwise, which a shell and Python read in different ways."""


def _quotient(left: int, right: int) -> int:
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _rest(left: int, right: int) -> int:
    return left - right * _quotient(left, right)


_OPERATIONS: Final[Mapping[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
    ast.Mod: _rest,
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[int, int], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def calculated(written: str, value: Callable[[str], str | None]) -> int:
    """What comes out; `value` knows the variables.

    Raises:
        Unclear: if that is not read here.
    """
    text = written.strip() or "0"
    numbers = _NUMBER.findall(text)
    if len(text) > LONGEST or "--" in text or not all(map(_PLAIN_NUMBER.fullmatch, numbers)):
        raise Unclear("arithmetic")
    try:
        result = _value(ast.parse(text, mode="eval").body, value)
    except (ValueError, SyntaxError, ZeroDivisionError):
        raise Unclear("arithmetic") from None
    if not -LARGEST <= result < LARGEST:
        raise Unclear("arithmetic")
    return result


def _value(node: ast.expr, value: Callable[[str], str | None]) -> int:
    match node:
        case ast.Constant(int() as number) if not isinstance(number, bool):
            return number
        case ast.Name(name):
            known = value(name) or "0"
            if not _PLAIN_NUMBER.fullmatch(known.removeprefix("-")):
                raise ValueError
            return int(known, 0)
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, value)
        case ast.BinOp(left, kind, right) if type(kind) in _OPERATIONS:
            return _OPERATIONS[type(kind)](_value(left, value), _value(right, value))
        case ast.Compare(left, [kind], [right]) if type(kind) in _COMPARISONS:
            return int(_COMPARISONS[type(kind)](_value(left, value), _value(right, value)))
        case _:
            raise ValueError
