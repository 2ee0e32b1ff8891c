"""The exact value of a sum written in digits."""

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction

_CHARACTERS = re.compile(r"[-+*/().\d \t]+", re.ASCII)
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class _NotArithmeticError(Exception):
    pass


def exact_value(expression: str) -> Fraction | None:
    """Return the value of an expression of numbers, ``+ - * /`` and brackets, as a fraction.

    Decimals are read as written: 0.1 is one tenth.

    Returns:
        The value, or None if the text holds anything else or divides by zero.
    """
    source = expression.strip()
    if not _CHARACTERS.fullmatch(source):
        return None
    try:
        return _value(ast.parse(source, mode="eval").body, source)
    except (SyntaxError, ZeroDivisionError, _NotArithmeticError):
        return None


def _value(node: ast.expr, source: str) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        # The text of the number, since the float has already lost digits.
        return Fraction(ast.get_source_segment(source, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        value = _value(node.operand, source)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        combine = _OPERATORS[type(node.op)]
        return combine(_value(node.left, source), _value(node.right, source))
    raise _NotArithmeticError
