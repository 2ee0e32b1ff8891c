"""Source text reduced to what it does: no comments, no docstrings, no formatting."""

import ast
from itertools import groupby
from typing import Any

from calibrant.errors import CalibrantError

# Spelling (u"" or ""), load or store, and type comments do not change what a program does.
_IGNORED_FIELDS = frozenset({"kind", "ctx", "type_comment", "type_ignores"})


def normalised_source(source: bytes, where: object) -> str:
    """Return a text that is equal for equal programs, and equal on Python 3.10 to 3.13.

    Comments, layout and every string that stands alone as a statement (docstrings, descriptions of
    attributes) are dropped: correcting a sentence must not cost a day of training. What a stage
    computes must therefore never depend on a docstring.

    The text is the syntax tree, written without empty fields. Neither ``ast.dump`` (which gained
    fields in 3.12 and omits empty ones from 3.13 on) nor ``ast.unparse`` (which wrote ``lambda :``
    and bracketed targets in 3.10, and quotes f-strings by version) is the same everywhere.

    Args:
        source: The bytes of a Python file.
        where: Name of the file, for the error.

    Raises:
        CalibrantError: If the source does not parse.
    """
    return normalised_tree(parse_source(source, where))


def parse_source(source: bytes, where: object) -> ast.Module:
    """Parse a Python file.

    Raises:
        CalibrantError: If it does not parse; names the line.
    """
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        place = f"{where}:{line}" if line else where
        reason = getattr(error, "msg", error)
        raise CalibrantError(f"is not valid Python: {reason}", where=place) from error


def normalised_tree(node: Any) -> str:
    """Return the text of ``normalised_source`` for a syntax tree, a list of nodes or a value."""
    if isinstance(node, str):
        # Which characters are printable depends on the Unicode table of the interpreter.
        return ascii(node)
    if isinstance(node, list):
        return f"[{','.join(normalised_tree(item) for item in node if not _is_bare_string(item))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = []
    for name, value in sorted(ast.iter_fields(node)):
        if value is None or name in _IGNORED_FIELDS:
            continue
        text = normalised_tree(_merged(value) if isinstance(node, ast.JoinedStr) else value)
        # f"{x:}" has an empty format in some versions and none in others.
        if text not in ("[]", "[Pass()]", "JoinedStr()"):
            parts.append(f"{name}={text}")
    return f"{type(node).__name__}({','.join(parts)})"


def _is_bare_string(node: Any) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _merged(parts: list[ast.expr]) -> list[ast.expr]:
    """Join neighbouring texts of an f-string: versions split implicit concatenation differently."""
    merged: list[ast.expr] = []
    for is_text, group in groupby(parts, key=lambda part: isinstance(part, ast.Constant)):
        if is_text:
            text = "".join(str(part.value) for part in group if isinstance(part, ast.Constant))
            merged.extend([ast.Constant(text)] if text else [])
        else:
            merged.extend(group)
    return merged
