"""What a study's audit tries: every advantage estimator that one of its methods trains with."""

from typing import get_args

from calibrant.rewards.bandit_settings import Estimator, LabelNoise
from calibrant.stage_settings.audit import AuditSettings
from calibrant.study import Study
from calibrant.training.settings import TrainedMethod


def audit_settings(study: Study) -> AuditSettings:
    """Return the settings of ``audit_rewards``."""
    return AuditSettings(
        rewards=study.rewards, estimators=audited_estimators(study), noises=audited_noises(study)
    )


def audited_estimators(study: Study) -> list[Estimator]:
    """Return the bandit's forms of the methods' estimators; all there are if nothing is trained."""
    methods = study.methods.values()
    used = [
        _in_the_bandit(method, study.rewards[method.reward].faithfulness > 0)
        for method in methods
        if isinstance(method, TrainedMethod)
    ]
    return list(dict.fromkeys(used)) or list(get_args(Estimator))


def audited_noises(study: Study) -> list[LabelNoise]:
    """Return a judge without errors, and every other whose errors a method simulates."""
    noises = [LabelNoise()]
    for method in study.methods.values():
        noise = method.noise if isinstance(method, TrainedMethod) else None
        if noise is not None and noise not in noises:
            noises.append(noise)
    return noises


def _in_the_bandit(method: TrainedMethod, faithful: bool) -> Estimator:
    # Where faithfulness is paid, feedback scales that alone, and the bandit leaves it out.
    if method.feedback != "none" and not faithful:
        published = method.feedback == "rlmf"
        return "rlmf_above_mean" if published else "rlmf_symmetric_other_questions"
    if method.scale == "group":
        return "group_std"
    if method.scale == "batch":
        return "batch_std"
    # A critic that has learnt is the mean of the rewards that it foresees.
    return "rloo" if method.estimator == "rloo" else "mean_baseline"
