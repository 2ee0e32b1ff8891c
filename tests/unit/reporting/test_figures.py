"""Figures are SVG that looks the same everywhere and has the same bytes in every run."""

from xml.etree import ElementTree

import pytest

from calibrant.reporting.figures import reliability_svg, risk_coverage_svg

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = pytest.mark.parametrize("draw", [reliability_svg, risk_coverage_svg])


def view_of(made_up, answers):
    return made_up.measures("base", "figures", answers).content["views"]["graded"]


@pytest.fixture(scope="module")
def view(made_up):
    return view_of(made_up, [(0.9, True), (0.9, False), (0.6, True), (0.2, False)] * 3)


@DRAWINGS
def test_text_is_drawn_as_paths(draw, view):
    tree = ElementTree.fromstring(draw(view, "#1f5fa8"))
    assert tree.tag == f"{SVG}svg"
    assert list(tree.iter(f"{SVG}path"))
    assert not list(tree.iter(f"{SVG}text"))


@DRAWINGS
def test_two_drawings_have_the_same_bytes(draw, view):
    assert draw(view, "#1f5fa8") == draw(view, "#1f5fa8")


@DRAWINGS
def test_the_studys_colour_is_used(draw, view):
    drawn = draw(view, "#c0ffee")
    assert "#c0ffee" in drawn
    assert "#1f5fa8" not in drawn


@DRAWINGS
@pytest.mark.parametrize("answers", [[(None, True), (None, False)], [(0.5, None), (None, None)]])
def test_nothing_to_draw_is_said_in_words(draw, answers, made_up, view):
    drawn = draw(view_of(made_up, answers), "#1f5fa8")
    # matplotlib notes the words of a text in a comment beside its outlines.
    assert "no graded answer with a confidence" in drawn
    assert "no graded answer with a confidence" not in draw(view, "#1f5fa8")


@DRAWINGS
@pytest.mark.parametrize("answer", [(0.0, False), (1.0, True), (0.5, False)])
def test_a_single_answer_is_drawn(draw, answer, made_up):
    ElementTree.fromstring(draw(view_of(made_up, [answer]), "#1f5fa8"))
