"""What several answers of a model say about one training question."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from calibrant.grading.same_answer import RIGHT, group_answers
from calibrant.grading.verdict import Grade
from calibrant.judging.need import needs_judge
from calibrant.rows import Prediction, Question

State = Literal["always_right", "mixed", "always_wrong", "ungradable", "to_judge"]


@dataclass(frozen=True, slots=True)
class SampledQuestion:
    """A question and how the samples of it went.

    Attributes:
        question: The question.
        right: Samples that are right.
        wrong: Samples that are wrong.
        unread: Samples of which neither can be said, and no judge would be asked.
        to_judge: Samples that only a judge could compare with the references.
        consistency: Share of the graded samples that give the most frequent answer, in (0, 1], or
            None where none is graded or a judge is needed (Wang et al., arXiv 2203.11171).
        majority_right: Whether that answer is right, or None as above. Of equally frequent answers
            the one sampled first counts.
    """

    question: Question
    right: int
    wrong: int
    unread: int
    to_judge: int
    consistency: float | None
    majority_right: bool | None

    @property
    def state(self) -> State:
        """What the samples show.

        A sample that cannot be read is never right: with one, a question is not ``always_right``,
        and it can be ``always_wrong``.
        """
        if self.to_judge:
            return "to_judge"
        if not self.right + self.wrong:
            return "ungradable"
        if not self.right:
            return "always_wrong"
        return "mixed" if self.wrong or self.unread else "always_right"

    @property
    def difficulty(self) -> float | None:
        """1 minus the share of right samples among the graded ones, in [0, 1].

        None where no sample is graded, or some of them take a judge.
        """
        graded = self.right + self.wrong
        return None if self.to_judge or not graded else self.wrong / graded


def sampled_question(question: Question, samples: Sequence[Prediction]) -> SampledQuestion:
    """Count the graded samples of one question.

    Args:
        question: The question.
        samples: Its answers, graded, in the order of the samples.
    """
    waiting = sum(needs_judge(Grade(row.correct, row.grade_reason, row.grader)) for row in samples)
    right = sum(row.correct is True for row in samples)
    wrong = sum(row.correct is False for row in samples)
    share, majority = None, None
    if right + wrong and not waiting:
        groups = group_answers(
            [row.answer for row in samples], [row.correct for row in samples], question
        )
        [(group, count)] = Counter(item for item in groups if item is not None).most_common(1)
        share, majority = count / (right + wrong), group == RIGHT
    return SampledQuestion(
        question=question,
        right=right,
        wrong=wrong,
        unread=len(samples) - right - wrong - waiting,
        to_judge=waiting,
        consistency=share,
        majority_right=majority,
    )
