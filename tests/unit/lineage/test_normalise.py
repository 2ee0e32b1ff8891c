"""Normalised source: equal for equal programs, different for different ones, on every Python."""

import io
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.files import sha256_text
from calibrant.lineage.normalise import normalised_source

PLAIN = b"def double(x):\n    return 2 * x\n"


def same(first: str | bytes, second: str | bytes) -> bool:
    texts = [text.encode() if isinstance(text, str) else text for text in (first, second)]
    return normalised_source(texts[0], "a.py") == normalised_source(texts[1], "b.py")


@pytest.mark.parametrize(
    "edited",
    [
        b'"""What it is for."""\n\ndef double(x):\n    """Return twice x."""\n    return 2 * x\n',
        b"# why\ndef double(x):  # here\n\n\n    return 2*x\n",
        b"def double(x):\r\n    return (2 * x)\r\n",
        b"\xef\xbb\xbf# coding: utf-8\ndef double( x ) :\n\treturn 2 * x",
        b"def double(x):\n    return (\n        2\n        * x\n    )\n",
    ],
)
def test_comments_docstrings_and_layout_do_not_count(edited: bytes) -> None:
    assert same(PLAIN, edited)


@pytest.mark.parametrize(
    "edited",
    [
        b"def double(x):\n    return 3 * x\n",
        b"def double(x):\n    return x * 2\n",
        b"def double(y):\n    return 2 * y\n",
        b"def double(x, /):\n    return 2 * x\n",
        b"async def double(x):\n    return 2 * x\n",
        b"def double(x):\n    return 2.0 * x\n",
        b"def double(x):\n    return 2 * x\ndouble(1)\n",
    ],
)
def test_code_counts(edited: bytes) -> None:
    assert not same(PLAIN, edited)


def test_descriptions_of_attributes_do_not_count() -> None:
    assert same('class A:\n    a: int = 1\n    """First words."""\n', "class A:\n    a: int = 1\n")


def test_a_body_of_only_a_docstring_is_an_empty_body() -> None:
    assert same('def f():\n    """Words."""\n', "def f():\n    pass\n")
    assert not same("def f():\n    pass\n", "def f():\n    ...\n")


def test_a_string_that_is_used_counts_even_where_it_looks_like_a_docstring() -> None:
    assert not same('def f():\n    return """Words."""\n', 'def f():\n    return """Word."""\n')
    assert not same('TEXT = "a"\n', 'TEXT = "b"\n')


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x = f'{a}' 'b' f'{c}'", 'x = f"{a}b{c}"'),
        ("x = f'{d[\"k\"]}'", 'x = f"""{d["k"]}"""'),
        ("x = f''", 'x = f""'),
        ("x = f'{a:}'", "x = f'{a}'"),
        ("x = 'a' 'b'", "x = 'ab'"),
        ("x = '\\u00e9'", "x = 'é'"),
    ],
)
def test_the_spelling_of_a_string_does_not_count(first: str, second: str) -> None:
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("x = f'{a}'", "x = f'{b}'"),
        ("x = f'{a}'", "x = f'{a!r}'"),
        ("x = f'{a:2d}'", "x = f'{a:3d}'"),
        ("x = f'{a}'", "x = '{a}'"),
        ("x = f'{a:{w}}'", "x = f'{a:{v}}'"),
        ("x = None", "x = 0"),
        ("x = 1", "x = True"),
        ("x = 1", "x = 1.0"),
        ("x = 'a'", "x = b'a'"),
        ("x = -1", "x = 1"),
        ("x = {**a}", "x = {None: a}"),
        ("try:\n    a\nfinally:\n    b", "try:\n    b\nfinally:\n    a"),
        ("if a:\n    b", "if a:\n    pass\nelse:\n    b"),
        ("x = (1, 2)", "x = [1, 2]"),
        ("def f(a, *, b): pass", "def f(a, b): pass"),
        ("def f(*, a, b=1): pass", "def f(*, a=1, b): pass"),
    ],
)
def test_values_that_differ_in_meaning_count(first: str, second: str) -> None:
    assert not same(first, second)


EVERY_SYNTAX = '''
"""Words."""
from __future__ import annotations
import os.path as p, sys
from .. import x as y
@dec(1, *a, k=2, **b)
class C(B, metaclass=M):
    """Words."""
    z: int = 0
    "More words."
    async def f(self, a, /, b=lambda: 1, *c: int, d, e=None, **g) -> str:
        async with u as v, w: return await (yield)
        async for i, (j, *k) in q: await i
        else: pass
        return [s async for s in t if s if not t]
for a, b in {1: 2, **c}.items(): continue
while (n := n - 1) and not m or o: break
try: raise E from e
except (A, B) as e: del a[0], b.c
else: pass
finally: assert a, f"{b!r:>{w}.3f} {c=} {{x}} {d['k'] if 0 else 'é'}" " z\\n😀🫩"
match v:
    case {"k": [1, *_], **rest} if rest: pass
    case P(x=1) | None | -1 | "s" as w: ...
many = 1_000, 0x10, 1e400, 2j, b"\\x00\\xff", ..., {*a}, (), a[1:2, ::3], a if b else c
def g():
    global h
    def i(): nonlocal k; return lambda *a, **k: (a, k)
    return -a ** -b @ c // d % e << f & g ^ h | ~i, a < b <= c is not d not in e
'''


def test_the_text_is_the_same_on_every_version_of_python() -> None:
    # Computed with CPython 3.10.13, 3.11.7, 3.12.1 and 3.13.0, which agree.
    found = sha256_text(normalised_source(EVERY_SYNTAX.encode(), "every.py"))
    assert found == "87604956ddbdc919182377374a55c156374a99fc11b487a958626f1455bd08d0"


@given(st.lists(st.sampled_from(["# why", "", "    # indented"]), max_size=5), st.integers(0, 6))
def test_comment_lines_anywhere_do_not_count(lines: list[str], where: int) -> None:
    program = ["def f(a):", "    b = [", "        a,", "    ]", "    return b", "", "f(1)"]
    edited = "\n".join([*program[:where], *lines, *program[where:]])
    assert same("\n".join(program), edited)


def test_removing_all_comments_from_a_real_file_does_not_count() -> None:
    with open(__file__, "rb") as handle:
        source = handle.read()
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    bare = tokenize.untokenize(item for item in tokens if item.type != tokenize.COMMENT)
    assert b"# Computed" in source
    assert b"\n    # Computed" not in bare
    assert same(source, bare)


def test_a_file_that_does_not_parse_is_named_with_its_line() -> None:
    with pytest.raises(CalibrantError, match=r"a\.py:2: is not valid Python"):
        normalised_source(b"x = 1\ndef f(:\n", "a.py")
