"""The map between confidences and hedges: words that say how sure somebody is.

The map in ``hedges.yaml`` is curated by hand and covers [0, 1] without a gap: every style has one
phrase per band, no band is wider than 0.1, and no phrase stands in two bands. It copies no survey.
People do not read such words as finely as a band is wide, and read the same words differently; what
the map promises is the way back from words to number, and that surer words mean a higher number.
It exists because the map published with RLMF (arXiv 2606.32032), extracted by a model from ratings,
holds phrases that contradict their bin and none for a confidence of 0.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from calibrant.errors import CalibrantError
from calibrant.spelling import did_you_mean

READS_FILES = ("hedges.yaml",)
HEDGES_FILE = Path(__file__).with_name("hedges.yaml")
WIDEST_BAND = 0.1


@dataclass(frozen=True, slots=True)
class Hedge:
    """One phrase of the map.

    Attributes:
        words: A phrase that opens a sentence and ends in ``that`` or ``whether``.
        low: Least confidence it stands for, in [0, 1].
        high: Confidence from which the next phrase is used; in the last band, 1, which it holds.
        point: What it is read as, within 0.05 of all it stands for.
        style: The style it belongs to.
    """

    words: str
    low: float
    high: float
    point: float
    style: str


@cache
def hedge_map() -> dict[str, tuple[Hedge, ...]]:
    """Return the hedges of every style, from the least to the most confident."""
    return build_map(yaml.load(HEDGES_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def build_map(document: dict[str, Any]) -> dict[str, tuple[Hedge, ...]]:
    """Check a map and return the hedges of every style, from the least to the most confident.

    Args:
        document: ``bands`` as [low, high, point] and ``styles`` as phrases, one per band.

    Raises:
        CalibrantError: If the bands leave a gap, overlap or are too wide, a point lies outside its
            band or more than 0.05 from an end, a style has another number of phrases, or one
            phrase stands for two confidences.
    """
    bands = [tuple(map(float, band)) for band in document["bands"]]
    _check_bands(bands)
    styles: dict[str, tuple[Hedge, ...]] = {}
    meaning: dict[str, float] = {}
    for style, phrases in document["styles"].items():
        if len(phrases) != len(bands) or len(set(phrases)) != len(phrases):
            raise CalibrantError(f"needs {len(bands)} different phrases", where=f"styles.{style}")
        styles[style] = tuple(
            Hedge(words, low, high, point, style)
            for words, (low, high, point) in zip(phrases, bands, strict=True)
        )
        for hedge in styles[style]:
            if meaning.setdefault(hedge.words.lower(), hedge.point) != hedge.point:
                raise CalibrantError(
                    f"{hedge.words!r} stands for two confidences", where=f"styles.{style}"
                )
    return styles


def hedge_for(confidence: float, style: str = "plain") -> Hedge:
    """Return the hedge of a confidence.

    Args:
        confidence: In [0, 1], both ends included.
        style: ``plain``, ``clinical``, ``legal`` or ``casual``.

    Raises:
        CalibrantError: If the confidence is no number in [0, 1] or there is no such style.
    """
    hedges = hedge_map().get(style)
    if hedges is None:
        raise CalibrantError(
            f"there is no style {style!r}",
            where="style",
            repair=f"{did_you_mean(style, hedge_map())}There are: {', '.join(hedge_map())}",
        )
    if not 0 <= confidence <= 1:
        raise CalibrantError(f"{confidence!r} is not a confidence in [0, 1]", where="confidence")
    return next((hedge for hedge in hedges if confidence < hedge.high), hedges[-1])


def confidence_of(text: str) -> float | None:
    """Return the confidence that a sentence opens with, or None if it opens with no hedge.

    Reads by rule: a phrase of the map, in any style, at the very beginning, the first letter in
    either case. Everything else says nothing here.
    """
    match = hedge_pattern().match(text.lstrip().replace("\u2019", "'"))
    return points()[match.group().lower()] if match else None


@cache
def hedge_pattern() -> re.Pattern[str]:
    """Return a pattern that matches any phrase of the map, its first letter in either case."""
    # Longer phrases first: one may begin like another.
    phrases = sorted((h.words for hedges in hedge_map().values() for h in hedges), key=len)
    either = (f"[{p[0].upper()}{p[0].lower()}]{re.escape(p[1:])}" for p in reversed(phrases))
    return re.compile(rf"(?:{'|'.join(either)})(?!\w)")


@cache
def points() -> dict[str, float]:
    """Return the point of every phrase in lower case."""
    return {h.words.lower(): h.point for hedges in hedge_map().values() for h in hedges}


def _check_bands(bands: list[tuple[float, ...]]) -> None:
    ends = [0.0, *(high for _, high, _ in bands)]
    if [low for low, _, _ in bands] != ends[:-1] or ends[-1] != 1:
        raise CalibrantError("the bands leave a gap or overlap", where="bands")
    for number, (low, high, point) in enumerate(bands):
        reach = max(point - low, high - point)
        if not low <= point <= high or high - low > WIDEST_BAND + 1e-9:
            raise CalibrantError("a band is too wide or misses its point", where=f"bands.{number}")
        if reach > WIDEST_BAND / 2 + 1e-9:
            raise CalibrantError("a point is far from an end", where=f"bands.{number}")
