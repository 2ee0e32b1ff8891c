"""No digit reaches a page but as a number with an id, printed exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibrant.errors import CalibrantError
from calibrant.reporting.document import Document
from calibrant.reporting.number_check import check_page
from calibrant.reporting.numbers import Numbers, escape_pointer

NUM = '<span data-num="ece">0.123</span>'


def numbers_of(**values: float) -> Numbers:
    numbers = Numbers()
    document = Document("a.json", dict(values))
    for name in values:
        numbers.add(name, document, f"/{escape_pointer(name)}", "figure")
    return numbers


def fault(body: str, head: str = "", **values: float) -> str:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    with pytest.raises(CalibrantError) as caught:
        check_page(page, numbers_of(**(values or {"ece": 0.123})))
    assert str(caught.value).startswith("report.html: ")
    return str(caught.value)


def passes(body: str, head: str = "", **values: float) -> None:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    check_page(page, numbers_of(**(values or {"ece": 0.123})))


@pytest.mark.parametrize(
    "stray",
    [
        "in 7 of ten",
        "<p>ECE is 0.123</p>",
        "<ul><li>one</li><li>item 2</li></ul>",
        "<table><tr><td>a</td><td>0.5</td></tr></table>",
        "<p>a &amp; b &lt; 3</p>",
        "<p>&#53;</p>",
        "<p>&#x35;</p>",
        "<p>&frac12;</p>",
        "<p>x&sup2;</p>",
        "<p>٣</p>",  # a digit of another script
        "<div><p><b><i>deep 4</i></b></p></div>",
        "<span>5</span>",
        "<span data-num>5</span>",
        "<span data-quoted>a 1</span> 2",
        "<p><span data-quoted>a 1</span></p><p>2</p>",
        "<svg><text>1</text></svg>2",
        "<p>one<br>2</p>",
        "<p>one<br/>2</p>",
        '<p>one<img src="x">2</p>',
        "<script>let a = 1</script>",
        "<title>1</title>",
        "<figcaption>n = 40</figcaption>",
        '<img src="x" alt="n = 40">',
        '<p title="40 answers">some</p>',
        "<!-- fine 1 --><p>2</p>",
    ],
)
def test_a_stray_digit_is_found_anywhere(stray):
    assert "have no id" in fault(f"{NUM}{stray}")
    assert "have no id" in fault(f"{stray}{NUM}")
    assert "have no id" in fault(f"<section>{stray}</section>{NUM}")


def test_a_digit_outside_of_all_elements_is_found():
    with pytest.raises(CalibrantError, match="the digits in '12' have no id"):
        check_page(f"<html><body>{NUM}</body></html>12", numbers_of(ece=0.123))
    with pytest.raises(CalibrantError, match="the digits in '12' have no id"):
        check_page(f"12<html><body>{NUM}</body></html>", numbers_of(ece=0.123))


def test_the_stray_digits_are_shown():
    assert "the digits in 'in 7 of ten' have no id" in fault(f"{NUM}<p>in 7\n  of ten</p>")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('<span data-num="ece">0.124</span>', "0.124"),
        ('<span data-num="ece">0.12</span>', "0.12"),
        ('<span data-num="ece">0.1230</span>', "0.1230"),
        ('<span data-num="ece"> 0.123</span>', " 0.123"),
        ('<span data-num="ece"></span>', ""),
        ('<span data-num="ece"/>', ""),
        ('<span data-num="ece">0.1<b>9</b>23</span>', "0.1923"),
        ('<span data-num="ece">9<em></em>0.123</span>', "90.123"),
        ('<span data-num="ece">9<br>0.123</span>', "90.123"),
        ('<span data-quoted><span data-num="ece">0.12<b>4</b></span></span>', "0.124"),
    ],
)
def test_a_number_printed_otherwise_is_found(body, shown):
    assert f"ece prints {shown!r} instead of '0.123'" in fault(body)


def test_a_number_inside_a_number_cannot_hide_digits():
    body = '<span data-num="ece">9<span data-num="auroc">0.500</span></span>'
    assert "ece prints '90.500'" in fault(body, ece=0.5, auroc=0.5)


def test_a_number_that_does_not_exist_is_found():
    assert "there is no number 'brier'" in fault(f'{NUM}<span data-num="brier">0.100</span>')


def test_a_number_that_is_never_printed_is_found():
    assert "auroc is not on the page" in fault(NUM, ece=0.123, auroc=0.5)
    assert "ece is not on the page" in fault("<p>nothing</p>")
    assert "ece is not on the page" in fault(f"<!-- {NUM} -->")


def test_all_faults_are_counted():
    assert fault("<p>1</p><p>2</p>").endswith("(and 2 more)")


@pytest.mark.parametrize(
    "body",
    [
        '<p><span data-quoted>GSM8K</span></p><a data-quoted="">MIT 2.0 <b>or 3</b></a>',
        '<svg viewBox="0 0 4 4"><g><text>0.5</text><path d="M0 1"/></g></svg>',
        "<style>p { margin: 2px }</style>",
        '<p class="w4" id="x7">none</p><img src="data:image/png;base64,AAA7" width="4" alt="a curve">',
        '<p>a<br>b<hr>c<br/>d</p><input value="7"><wbr>',
        "<!-- 7 -->",
        f"<table><tr><td>{NUM}</td><td>{NUM}</td></tr></table>",
        '<span data-num="ece" title="results/17.json#/3">0.123</span>',
        '<span data-num="ece"><b>0.</b>1&#50;3</span>',
    ],
)  # fmt: skip
def test_digits_are_allowed_where_they_are_no_numbers_of_ours(body):
    passes(f"{NUM}{body}")


def test_the_head_may_hold_digits():
    head = '<meta charset="utf-8"><link rel="x"><title>Top 10</title><style>a{b:1}</style>'
    passes(NUM, head)
    assert "have no id" in fault(f"{NUM}<p>1</p>", head)


def test_void_elements_do_not_lend_their_permission():
    assert "have no id" in fault(f"{NUM}<p><img data-quoted>1</p>")
    assert "have no id" in fault(f"{NUM}<p><br data-quoted></br>1</p>")


@pytest.mark.parametrize(
    "body",
    [
        "<p><span data-quoted>a</p> 1",
        "<span data-quoted>a",
        "<div><span data-quoted>name</div></span> 1",
        "</p>",
        '<span data-num="ece">0.123',
    ],
)
def test_markup_that_is_not_closed_is_found(body):
    assert "close" in fault(f"{NUM}{body}")


def test_an_id_may_hold_any_character():
    name = """a/"b'<c>&amp;"""
    escaped = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    passes(f'<span data-num="{escaped}">0.500</span>', **{name: 0.5})


plain = st.text(st.characters(blacklist_categories=["N", "Cs", "Cc"], blacklist_characters="<&"))


@given(plain, st.sampled_from("0123456789"), plain, st.integers(0, 6))
def test_one_digit_in_any_text_at_any_depth_is_found(before, digit, after, depth):
    opening, closing = "<div><p>" * depth, "</p></div>" * depth
    check_page(f"{NUM}{opening}{before}{after}{closing}", numbers_of(ece=0.123))
    with pytest.raises(CalibrantError, match="have no id"):
        check_page(f"{NUM}{opening}{before}{digit}{after}{closing}", numbers_of(ece=0.123))
