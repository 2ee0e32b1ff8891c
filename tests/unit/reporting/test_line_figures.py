"""Figures with one line per method."""

from xml.etree import ElementTree

import pytest

from calibrant.reporting.line_figures import training_svg, truth_svg
from calibrant.reporting.method_styles import method_styles

SVG = "{http://www.w3.org/2000/svg}"
LINE = [(0.1, 0.3), (0.5, 0.6), (0.9, 0.8)]
NAMES = ["base", "_hidden", "cost $a_b$"]
STYLES = method_styles(NAMES, "#c0ffee")


def truth(names=NAMES, datasets=("weather", "law")):
    return truth_svg({dataset: dict.fromkeys(names, LINE) for dataset in datasets}, STYLES)


def training(names=NAMES, panels=("reward", "accuracy")):
    titles = {panel: f"the {panel}" for panel in panels}
    return training_svg({panel: dict.fromkeys(names, LINE) for panel in panels}, titles, STYLES)


@pytest.mark.parametrize("draw", [truth, training])
def test_lines_are_drawn_in_their_colours_without_text(draw):
    tree = ElementTree.fromstring(draw())
    assert not list(tree.iter(f"{SVG}text"))
    for style in STYLES.values():
        assert style["color"] in draw()
        assert style["color"] not in draw(names=[])


@pytest.mark.parametrize("draw", [truth, training])
def test_every_method_is_named_once_however_it_is_spelt(draw):
    drawn = draw()
    # matplotlib notes the words of a text in a comment beside its outlines.
    for name in ("base", "_hidden", "cost $a_b$"):
        assert drawn.replace("\\$", "$").count(f"{name} -->") == 1


@pytest.mark.parametrize("draw", [truth, training])
def test_two_drawings_have_the_same_bytes(draw):
    assert draw() == draw()


@pytest.mark.parametrize("number", [1, 3, 4, 7])
def test_every_panel_has_its_title(number):
    drawn = truth(datasets=[f"set{at}" for at in range(number)])
    assert all(f"set{at} -->" in drawn for at in range(number))


def test_methods_look_different():
    styles = method_styles([f"m{at}" for at in range(32)], "#123456")
    looks = {(style["color"], style["linestyle"]) for style in styles.values()}
    assert len(looks) == 32
    assert styles["m0"]["color"] == "#123456"
