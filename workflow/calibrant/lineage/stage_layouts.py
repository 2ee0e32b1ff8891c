"""Which stages can be computed again from a study's folder, and which files each has to read."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from calibrant.lineage.graph import Graph

_PREDICTIONS = "predictions/{cell}/{dataset}.parquet"
_JUDGED = "predictions/{cell}/{dataset}.judged.parquet"
_FORECASTS = "predictions/{cell}/{dataset}.self_judgement.parquet"
_QUESTIONS = "data/questions/{dataset}.parquet"
_COMPLETIONS = "predictions/{cell}/{dataset}.completions.parquet"
_SAMPLES = "labels/samples.completions.parquet"
_SELECTED = "labels/training.parquet"
_ANSWERS = ("predictions/*/{dataset}.parquet", "predictions/*/{dataset}.judged.parquet")

# METHOD/seedN, with a further folder for answers to another split; a dataset has no dot.
_PARTS = {
    "{cell}": r"(?P<cell>[^/]+/seed\d+(?:/[^/]+)?)",
    "{dataset}": r"(?P<dataset>[^/.]+)",
    "{name}": r"(?P<name>[^/]+)",
    "*": r".+",
}
_PLACEHOLDER = re.compile("|".join(map(re.escape, _PARTS)))


@dataclass(frozen=True, slots=True)
class StageLayout:
    """Where a stage writes, and what it must have read to have written there.

    Attributes:
        outputs: Name of an output to the pattern of its place, from the study's folder on.
        inputs: Name of an input to the patterns one of which its files must have; with the parts
            that stand for the same thing in the outputs. Others may be any file of the study.
        again: Whether its script can run here: offline, without a model, in seconds.
    """

    outputs: Mapping[str, str]
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    again: bool = True

    def match(self, inner: str) -> dict[str, str] | None:
        """Return what the parts of a place are if it is that of an output, else None."""
        for pattern in self.outputs.values():
            if found := _expression(pattern).fullmatch(inner):
                return found.groupdict()
        return None

    def expected(self, name: str, parts: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return the patterns of an input's files, None where any file of the study may be."""
        patterns = self.inputs.get(name)
        return patterns and tuple(_filled(pattern, parts) for pattern in patterns)


def is_like(inner: str, pattern: str) -> bool:
    """Return whether a place has a pattern."""
    return _expression(pattern).fullmatch(inner) is not None


def _expression(pattern: str) -> re.Pattern[str]:
    texts = _PLACEHOLDER.split(pattern)
    parts = [*(_PARTS[found] for found in _PLACEHOLDER.findall(pattern)), ""]
    return re.compile(
        "".join(re.escape(text) + part for text, part in zip(texts, parts, strict=True))
    )


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: parts.get(found[0].strip("{}"), found[0]), pattern)


LAYOUTS: Mapping[str, StageLayout] = {
    "audit_rewards": StageLayout({"audit": "rewards/audit.json"}),
    "calibrate": StageLayout(
        {"calibrated": _PREDICTIONS, "calibrator": "predictions/{cell}/{dataset}.calibrator.json"},
        {"fit": ("predictions/*.parquet",), "predictions": _ANSWERS},
    ),
    "certify": StageLayout(
        {
            "certificate": "certificates/{cell}/{dataset}.json",
            "card": "certificates/{cell}/{dataset}.md",
            "applied": "certificates/{cell}/{dataset}.applied.json",
        },
        {
            "calibration": ("predictions/{cell}/*/{dataset}.parquet",),
            "predictions": ("predictions/{cell}/*.parquet",),
        },
    ),
    "choose_questions": StageLayout(
        {
            "metacognitive": "labels/metacognitive.parquet",
            "random": "labels/random.parquet",
            "active": "labels/active.parquet",
            "choice": "labels/self_rating.json",
        },
        {
            "completions": (_SAMPLES,),
            "questions": (_SELECTED,),
            "ratings": ("labels/ratings.completions.parquet",),
        },
    ),
    "compare_methods": StageLayout(
        {"comparison": "comparisons/methods/{dataset}.json"}, {"predictions": _ANSWERS}
    ),
    "correct_judged": StageLayout(
        {"figures": "measures/{cell}/{dataset}.judged.json"},
        # Derived methods take over the grades of their source, and are not judged themselves.
        {"predictions": (_PREDICTIONS, _JUDGED), "errors": ("judging/*/errors.json",)},
    ),
    "faithfulness": StageLayout(
        {"figures": "measures/{cell}/{dataset}.faithfulness.json"},
        {"predictions": (_PREDICTIONS, _JUDGED), "questions": (_QUESTIONS,)},
    ),
    "grade": StageLayout(
        {"predictions": _PREDICTIONS},
        {
            "completions": (_COMPLETIONS,),
            "questions": (_QUESTIONS,),
        },
    ),
    "judge_answers": StageLayout(
        {"predictions": _JUDGED}, {"graded": (_PREDICTIONS,)}, again=False
    ),
    "measure": StageLayout(
        {"measures": "measures/{cell}/{dataset}.json"}, {"predictions": (_PREDICTIONS, _JUDGED)}
    ),
    "measure_self_judgement": StageLayout(
        {"figures": "measures/{cell}/{dataset}.self_judgement.json"},
        {"forecasts": (_FORECASTS,)},
    ),
    "model_card": StageLayout(
        {"card": "cards/{cell}.md"},
        {
            "manifest": ("train/{cell}/manifest.json",),
            "measures": ("measures/{cell}/*.json",),
            "certificates": ("certificates/{cell}/*.applied.json",),
        },
    ),
    "score_answers": StageLayout(
        {"scored": _PREDICTIONS, "account": "predictions/{cell}/{dataset}.scores.json"},
        again=False,
    ),
    "seal": StageLayout(
        {
            "training": "data/training.parquet",
            "validation": "data/validation.parquet",
            "overlap": "data/overlap.json",
        },
        {"questions": ("data/questions/*.parquet",)},
    ),
    "select_questions": StageLayout(
        {"training": _SELECTED, "selection": "labels/selection.json"},
        {"completions": (_SAMPLES,), "questions": ("data/training.parquet",)},
    ),
    "self_judge": StageLayout(
        {"forecasts": _FORECASTS},
        {"predictions": (_PREDICTIONS, _JUDGED), "questions": (_QUESTIONS,)},
        again=False,
    ),
    "transfer_gap": StageLayout(
        {"transfer": "comparisons/transfer.json"},
        {"in_domain": ("predictions/*.parquet",), "held_out": ("predictions/*.parquet",)},
    ),
    "vote": StageLayout(
        {"voted": _PREDICTIONS}, {"predictions": _ANSWERS, "questions": (_QUESTIONS,)}
    ),
}
"""Stage to layout. Those that ask a model stand here for the places they write to."""


def writers_of(graph: Graph, inner: str, published: Collection[int] | None = None) -> set[str]:
    """Return the stages that may have written a file, empty for a place that none here writes to.

    Predictions are written by several stages, but beside their completions only by grading: where
    whoever wrote them read the completions, or where what is published comes from these. Others are
    left over from a method that was of another kind once.

    Args:
        graph: The records.
        inner: The file, from the study's folder on.
        published: Ids of the runs behind what is published.
    """
    stages = {name for name, layout in LAYOUTS.items() if layout.match(inner) is not None}
    beside = f"{inner.removesuffix('.parquet')}.completions.parquet"
    answered, wrote = graph.writer(beside), graph.writer(inner)
    if "grade" not in stages or answered is None:
        return stages
    read = [] if wrote is None else [wrote.inner(item["path"]) for item in wrote.record["inputs"]]
    return {"grade"} if beside in read or id(answered) in (published or ()) else stages
