"""Labels from a judge, noise-corrected, where no deterministic grader can say what is right."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from calibrant.files import read_json
from calibrant.judging.answer_view import clean_answer
from calibrant.judging.case import Case, Judge
from calibrant.judging.error_model import ErrorModel
from calibrant.judging.need import needs_judge
from calibrant.judging.opening import open_judge
from calibrant.judging.store import VerdictStore
from calibrant.judging.stored_judge import judged
from calibrant.stage_settings.judging import JudgePart
from calibrant.training.labels import Answered, Labelled, graded_labels


class JudgedLabels:
    """Grades, and beside them the verdicts of a judge.

    What the graders decide stays as it is, and an answer of which nothing is left once its stated
    confidence is taken out stays without a label. A verdict is asked for once: the same answer to
    the same question and references is looked up.

    Args:
        open_judge: Opens the judge; called when the first verdict is asked for.
        store: Folder of the verdicts.
        errors: The measured errors of the judge, to correct labels with; None leaves them as the
            judge gives them.
        datasets: The datasets whose answers it labels; None: all.
    """

    def __init__(
        self,
        open_judge: Callable[[], Judge],
        store: Path,
        errors: ErrorModel | None,
        datasets: Sequence[str] | None = None,
    ) -> None:
        self._datasets = datasets
        self._open = open_judge
        self._judge: Judge | None = None
        self._store = VerdictStore(store)
        self._errors = errors
        self._known: dict[Case, bool] = {}

    def __call__(self, answers: Sequence[Answered]) -> Labelled:
        """Return the labels of answers, in their order.

        Raises:
            CalibrantError: If the judge's errors are not known well enough to correct with.
        """
        graded = graded_labels(answers)
        shown = {
            at: _case(item)
            for at, item in enumerate(answers)
            if needs_judge(item.grade)
            and (self._datasets is None or item.question.dataset in self._datasets)
        }
        rows = [at for at, case in shown.items() if case.answer]
        if not rows:
            return graded
        cases = [shown[at] for at in rows]
        self._ask(cases)
        said = np.array([self._known[case] for case in cases], np.float64)
        graded.correct[rows], graded.label[rows], graded.judged[rows] = said, said, True
        if self._errors is not None:
            domains = [answers[at].question.domain for at in rows]
            graded.label[rows] = self._errors.correct(said, domains)
        return graded

    def _ask(self, cases: Sequence[Case]) -> None:
        new = list(dict.fromkeys(case for case in cases if case not in self._known))
        if not new:
            return
        if self._judge is None:
            self._judge = self._open()
        for case, verdict in zip(new, judged(self._store, self._judge, new), strict=True):
            self._known[case] = verdict.correct


def open_judged_labels(
    part: JudgePart, files: Any, datasets: Sequence[str], *, correct: bool
) -> JudgedLabels:
    """Return labels from a judge that has been measured.

    Args:
        part: The judge.
        files: Its files, as ``JudgeFiles.to_json`` names them.
        datasets: The datasets whose answers it labels.
        correct: Whether to correct labels with its measured errors.
    """
    errors = ErrorModel.from_json(read_json(Path(files["errors"])), files["errors"])
    models = dict(zip(part.models, map(Path, files["models"]), strict=True))
    store = Path(files["store"])

    def open_it() -> Judge:
        return open_judge(part, models, VerdictStore(store), read_json(Path(files["judge"])))

    return JudgedLabels(open_it, store, errors if correct else None, datasets)


def _case(item: Answered) -> Case:
    answer = clean_answer(item.answer or "")
    return Case(item.question.question, item.question.references, answer)
