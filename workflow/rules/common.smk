# What the rules share: the study, and the parameters that decide whether a stage runs again.
#
# All of them have three params: the digest of the code a stage imports, its part of the study, and
# the digest of its environment's lock. Together with the inputs' contents they are all that a result
# depends on; comments, formatting and other settings are not among them.
import re
import shlex
import sys
from pathlib import Path

from calibrant import (
    study_audit,
    study_cells,
    study_certificates,
    study_comparisons,
    study_datasets,
    study_derived,
    study_judges,
    study_model_cards,
    study_parts,
    study_selection,
    study_self_judgement,
)
from calibrant.checked_study import load_checked_study
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_file
from calibrant.gpu_driver import has_gpu_driver
from calibrant.lineage.code import code_closure, code_digest
from calibrant.study_file import study_path


def read_study(name):
    """Return the study, or end the run with one line that says what is wrong with it."""
    try:
        return load_checked_study(study_path(str(name)))
    except CalibrantError as error:
        raise WorkflowError(str(error)) from None


STUDY = read_study(config["study"])
STUDY_NAME = study_path(str(config["study"])).stem
RESULTS = f"results/{STUDY_NAME}"
DATASETS = study_cells.datasets_of(STUDY)
CELLS = study_cells.cells_of(STUDY)
# What is trained on: the questions selected, or else the whole training set.
TRAINED_ON = f"<results>/{'labels' if STUDY.selection else 'data'}/training.parquet"
SELF_RATED = STUDY.selection is not None and STUDY.selection.self_rating is not None
CORE = "../../envs/core.yaml"
INFERENCE = "../../envs/inference.yaml"
TRAINING = "../../envs/training.yaml"
TRACKING = "../../envs/tracking.yaml"
JUDGING = "../../envs/judging.yaml"


wildcard_constraints:
    model=r"[A-Za-z0-9._-]+",
    method=r"[A-Za-z0-9._-]+",
    dataset=r"[A-Za-z0-9_-]+",
    seed=r"\d+",
    judge=r"[A-Za-z0-9._-]+",


def results_folder(_):
    """Return the folder of the study's results, which stages and records name paths below."""
    return RESULTS


def code(stage):
    """Return the digest of a stage's script and of all it imports from the package."""
    return code_digest(
        code_closure(Path(f"workflow/scripts/{stage}.py"), Path("workflow/calibrant"))
    )


def lock(environment):
    """Return name and digest of the lock of a stage's environment."""
    return f"{environment}:{sha256_file(f'envs/{environment}.lock')}"


def settings(part):
    """Return a stage's part of the study as JSON."""
    return canonical_json(part.model_dump(mode="json"))


def exports():
    """Return the shell commands that every stage begins with."""
    names = "export PYTHONPATH=workflow OMP_WAIT_POLICY=PASSIVE"
    if not workflow.deployment_settings.deployment_method:
        # Without conda, a stage runs with the Python that runs Snakemake.
        names += f" PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"
    mirror = (
        f" CALIBRANT_MIRROR={shlex.quote(str(config['mirror']))}"
        if config.get("mirror")
        else ""
    )
    return f"{names}{mirror}; set -euo pipefail; "


def any_of(names):
    """Return a wildcard pattern for exactly these names."""
    return "|".join(map(re.escape, names)) or "(?!)"


def of_kind(*kinds):
    """Return the study's datasets of some kinds."""
    return [name for name in DATASETS if study_datasets.kind_of(STUDY, name) in kinds]


def dataset_source(wildcards):
    """Return what a dataset is prepared from: a manifest, an own file, or nothing (made)."""
    if own := STUDY.datasets.own.get(wildcards.dataset):
        return [own.file]
    made = STUDY.datasets
    if wildcards.dataset in [*made.generated, *made.lab, *made.verdicts]:
        return []
    return [f"<results>/data/sources/{wildcards.dataset}.json"]


def cells(pattern, cells=CELLS):
    """Return a path for every measured method, seed and dataset."""
    return [
        pattern.format(method=method, seed=seed, dataset=dataset)
        for method, seed, dataset in cells
    ]


def accounts():
    """Return the account of every dataset: rows kept, dropped and repaired."""
    folders = {"judgements": "verdicts"}
    return [
        f"<results>/data/{folders.get(study_datasets.kind_of(STUDY, name), 'questions')}/{name}.json"
        for name in DATASETS
    ]


def model_source(wildcards):
    """Return a model's own files where it lies in a path, so that a change of them is noticed."""
    model = STUDY.models[wildcards.model]
    if model.kind != "local":
        return []
    path = Path(model.path)
    return (
        [str(path)]
        if path.is_file()
        else sorted(str(file) for file in path.glob("*.*"))
    )


def start_manifest(method):
    """Return the manifest of the model that a method asks or trains, after its warm-up if any."""
    return model_manifest(study_cells.model_of(STUDY, method))


def model_manifest(name):
    """Return the manifest of a model of the study, after its warm-up if it has one."""
    stage = "warm" if STUDY.models[name].warm_up else "base"
    return f"<results>/model/{name}/{stage}/manifest.json"


def judge_models(judge):
    """Return the manifests of the models that a judge asks, in the order of its settings."""
    if judge is None:
        return []
    return [
        model_manifest(name) for name in study_judges.judge_part(STUDY, judge).models
    ]


def judge_files(judge):
    """Return the files of a measured judge: what it is, and its errors."""
    if judge is None:
        return []
    return [f"<results>/judging/{judge}/{part}.json" for part in ("judge", "errors")]


def labelling_judge(wildcards):
    """Return who labels answers in a training, or None."""
    part = study_judges.labelling_judge(STUDY, STUDY.methods[wildcards.method])
    return part.name if part else None


def predictions_file(wildcards):
    """Return the graded answers of a cell, judged where somebody judges that dataset."""
    return predictions_of(wildcards.method, wildcards.seed, wildcards.dataset)


def predictions_of(method, seed, dataset):
    """Return the graded answers of a method and seed to a dataset, judged where somebody judges."""
    suffix = ".judged" if is_judged(method, dataset) else ""
    return f"<results>/predictions/{method}/seed{seed}/{dataset}{suffix}.parquet"


def is_judged(method, dataset):
    """Return whether a judge is asked about a method's answers; derived ones take over grades."""
    derived = method in study_cells.methods_of_kind(
        STUDY, "calibrated", "scored", "voted"
    )
    return not derived and study_judges.grading_judge(STUDY, dataset) is not None


def source_predictions(wildcards):
    """Return the graded answers that a derived method is made from."""
    source = study_derived.source_of(STUDY, wildcards.method)
    return predictions_of(source, wildcards.seed, wildcards.dataset)


def fitting_files(wildcards, ending="parquet"):
    """Return the answers to calibration splits that a derived method is fitted on."""
    source = study_derived.source_of(STUDY, wildcards.method)
    return [
        f"<results>/predictions/{source}/seed{wildcards.seed}/calibration/{name}.{ending}"
        for name in study_derived.fitted_on(STUDY, wildcards.method)
    ]


def calibration_source(wildcards, ending):
    """Return the answers to a calibration split that a derived method is made from."""
    source = study_derived.source_of(STUDY, wildcards.method)
    return f"<results>/predictions/{source}/seed{wildcards.seed}/calibration/{wildcards.dataset}.{ending}"


def certified_predictions(wildcards):
    """Return the answers that a certificate is applied to."""
    return [
        predictions_of(wildcards.method, wildcards.seed, name)
        for name in study_certificates.applied_to(
            STUDY, wildcards.method, wildcards.dataset
        )
    ]


def answering_manifest(wildcards):
    """Return the manifest of the checkpoint that answers for a method and a seed."""
    method = wildcards.method
    while method in study_cells.methods_of_kind(STUDY, "sampled", "scored"):
        method = study_derived.source_of(STUDY, method)
    if STUDY.methods[method].kind == "trained":
        return f"<results>/train/{method}/seed{wildcards.seed}/manifest.json"
    return start_manifest(method)


def training_questions(wildcards):
    """Return the questions that a method learns from: all, or a set chosen among them."""
    chosen = study_selection.question_set(STUDY, wildcards.method)
    return TRAINED_ON if chosen == "all" else f"<results>/labels/{chosen}.parquet"


def warm_up_questions(wildcards):
    """Return the training set where a model learns from its own replies to it, or nothing."""
    warm_up = STUDY.models[wildcards.model].warm_up
    own = warm_up is not None and warm_up.own_replies is not None
    return ["<results>/data/training.parquet"] if own else []


def accelerate_file(wildcards):
    """Return the file of accelerate's own configuration that a training names, if any."""
    file = study_parts.train_settings(STUDY, wildcards.method).training.accelerate
    return [file] if file else []


def all_cores(_):
    """Return the cores of this run; Snakemake's other commands have none."""
    return workflow.cores or 1


def cores_per_answering(wildcards):
    """Return one core for a model that is small enough to have one for every core, else all.

    Several small ones side by side are done sooner than one after the other on all cores. Those of a
    package would all want the same GPU where there is one.
    """
    kind = STUDY.models[study_cells.model_of(STUDY, wildcards.method)].kind
    small = kind == "made" or (kind == "package" and not has_gpu_driver())
    return 1 if small else all_cores(wildcards)


def cores_per_training(_):
    """Return the cores of one training: one each, and more only where they would be idle."""
    return max(1, all_cores(_) // max(1, len(study_cells.trainings_of(STUDY))))


def record(pattern):
    """Return the path of the record that a stage writes beside its first output."""
    return pattern.replace("<results>/", "<results>/records/") + ".json"
