"""The workflow on a real, very small model: what it makes, and what a change makes it do again."""

import json
import re
import sqlite3

from tests.integration.small_project import run_snakemake

from calibrant.files import sha256_file
from calibrant.rows import Prediction, Question, read_rows

STAGES = {
    "prepare", "seal", "base_model", "generate", "grade", "measure", "audit_rewards", "report",
    "publish",
}  # fmt: skip


def planned(output: str) -> dict[str, int]:
    """Return the jobs of a dry run by rule, the target left out."""
    jobs = dict(re.findall(r"^([a-z_]+) +(\d+)$", output, re.MULTILINE))
    return {rule: int(count) for rule, count in jobs.items() if rule not in ("all", "total")}


def test_a_study_runs_to_its_report_and_its_runs(finished):
    results = finished / "results/tiny"
    page = (results / "report/report.html").read_text(encoding="utf-8")
    assert "A &lt;tiny&gt; study" in page
    assert "<tiny>" not in page
    assert len(read_rows(results / "predictions/tiny/seed5/mine.parquet", Prediction)) == 12
    assert len(read_rows(results / "predictions/tiny/seed5/sums.parquet", Prediction)) == 6
    training = read_rows(results / "data/training.parquet", Question)
    assert training
    assert {row.split for row in training} == {"train"}


def test_records_chain_from_the_page_back_to_the_sources(finished):
    results = finished / "results/tiny"
    records = [json.loads(file.read_text()) for file in (results / "records").rglob("*.json")]
    assert {record["stage"] for record in records} == STAGES
    made = {}
    for record in records:
        for output in record["outputs"]:
            assert sha256_file(finished / output["path"]) == output["sha256"]
            made[output["path"]] = output["sha256"]
    for record in records:
        assert record["code"]["digest"] == record["planned"]["code"]
        for source in record["inputs"]:
            assert sha256_file(finished / source["path"]) == source["sha256"]
            # What a stage made names the record of that stage; the rest came from outside.
            assert (source["record"] is None) == (not source["path"].startswith("results/"))

    database = sqlite3.connect(results / "mlflow.db")
    runs = database.execute("select count(*) from runs").fetchone()[0]
    before = {(r["stage"], r["subject"]) for r in records if r["stage"] != "publish"}
    # One run for each of them, and above them the method's and the study's own.
    assert runs == len(before) + 2


def test_a_change_reruns_what_depends_on_it_and_nothing_else(finished, tiny_model):
    def plan(path: str, old: str, new: str) -> dict[str, int]:
        """Return what an edit would rerun, and undo it."""
        file = finished / path
        before = file.read_text(encoding="utf-8")
        assert old in before
        file.write_text(before.replace(old, new, 1), encoding="utf-8")
        jobs = planned(run_snakemake(finished, "tiny", "-n").stdout)
        file.write_text(before, encoding="utf-8")
        return jobs

    tail = {"report": 1, "publish": 1}
    one = {"grade": 1, "measure": 1, **tail}
    two = {"grade": 2, "measure": 2, **tail}
    study, code = "config/studies/tiny.yaml", "workflow/calibrant"
    assert planned(run_snakemake(finished, "tiny", "-n").stdout) == {}
    assert plan(study, "title: A", "title: The") == tail
    assert plan(study, "replicates: 100", "replicates: 200") == {"measure": 2, **tail}
    assert plan(study, "max_new_tokens: 8", "max_new_tokens: 9") == {"generate": 2, **two}
    assert plan(study, "limit: 6", "limit: 5") == {"generate": 1, **one}
    assert plan(study, "{rule: brier}", "{rule: spherical}") == {"audit_rewards": 1, **tail}
    assert plan("own.csv", ",12,", ",13,") == {"prepare": 1, "seal": 1, "generate": 1, **one}
    measure = {"measure": 2, **tail}
    assert plan(f"{code}/measures/ranking.py", "def auroc", "# A comment.\ndef auroc") == {}
    assert plan(f"{code}/measures/ranking.py", "def auroc", "NEW = 1\n\n\ndef auroc") == measure
    assert plan(f"{code}/reporting/page.css", "body {", "body  {") == tail
    assert plan("envs/tracking.lock", "mlflow==", "mlflow== ") == {"publish": 1}
    config = tiny_model / "config.json"
    before = config.read_bytes()
    config.write_bytes(before + b"\n")
    changed = planned(run_snakemake(finished, "tiny", "-n").stdout)
    config.write_bytes(before)
    assert changed == {"base_model": 1, "generate": 2, **two}
    (finished / "own.csv").touch()
    assert planned(run_snakemake(finished, "tiny", "-n").stdout) == {}


def test_the_same_study_gives_the_same_bytes_again(finished):
    results = finished / "results/tiny"
    kinds = ("*.parquet", "numbers.json", "report.html", "manifest.json", "overlap.json")
    files = [path for kind in kinds for path in results.rglob(kind) if "records" not in path.parts]
    before = {path: sha256_file(path) for path in files}
    assert len(before) > 8
    run_snakemake(finished, "tiny", "--forceall")
    assert {path: sha256_file(path) for path in files} == before


def test_a_wrong_study_stops_before_any_job(project):
    study = project / "config/studies/tiny.yaml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("replicates:", "replicas:"), encoding="utf-8")
    ended = run_snakemake(project, "tiny", expect=1)
    said = ended.stdout + ended.stderr
    assert "tiny.yaml: measures.replicas: unknown key. Did you mean 'replicates'?" in said
    assert "Traceback" not in said


def test_an_improper_reward_stops_the_study_unless_it_is_accepted(project):
    study = project / "config/studies/tiny.yaml"
    article = study.read_text(encoding="utf-8").replace("{rule: brier}", "{rule: article}")
    study.write_text(article, encoding="utf-8")
    data, target = "results/tiny/data/questions/mine.parquet", "results/tiny/rewards/audit.json"
    ended = run_snakemake(project, "tiny", "--", data, expect=1)
    said = ended.stdout + ended.stderr
    assert "tiny.yaml: rewards.rlcr: this reward is refused: it is improper" in said
    assert "Traceback" not in said
    assert not (project / data).exists()
    words = "{rule: article}\n    accept_improper: to see what it does"
    study.write_text(article.replace("{rule: article}", words), encoding="utf-8")
    run_snakemake(project, "tiny", "--", target)
    assert json.loads((project / target).read_text())["verdicts"]["rlcr"]["proper"] is False


def test_a_failing_stage_says_why_and_leaves_no_output(project):
    (project / "own.csv").write_text("question,answer,id\nHow much?,,a\n", encoding="utf-8")
    ended = run_snakemake(
        project, "tiny", "--", "results/tiny/data/questions/mine.parquet", expect=1
    )
    said = ended.stdout + ended.stderr
    assert re.search(r"error: .*own\.csv.*answer", said)
    assert "Traceback" not in said
    assert not (project / "results/tiny/data/questions/mine.parquet").exists()


def test_snakemakes_own_report_works(finished):
    run_snakemake(finished, "tiny", "--report", "snakemake-report.html")
    assert (finished / "snakemake-report.html").stat().st_size > 100_000


def test_the_published_figures_are_met_from_the_real_transcripts(project, mirror):
    """The whole study ``published``: real files, every stage, figures met to 1e-9."""
    run_snakemake(project, "published", "--", "results/published/report/report.html")
    results = project / "results/published"
    comparison = json.loads((results / "measures/published/rlcr_commonsenseqa.json").read_text())
    assert {(cell["method"], cell["measure"]) for cell in comparison["cells"]} >= {
        (method, measure)
        for method in ("Base", "RLVR", "RLVR-Classifier", "Answer-Prob", "RLCR")
        for measure in ("accuracy", "ece", "brier", "auroc")
    }
    assert max(abs(c["ours"] - c["published"]) for c in comparison["cells"]) <= 1e-9
    for method, regraded in (("Base", 0.778), ("RLVR", 0.826), ("RLCR", 0.830)):
        file = results / f"measures/{method}/seed17/rlcr_commonsenseqa.json"
        document = json.loads(file.read_text())
        accuracy = document["views"]["graded"]["measures"]["accuracy"]["value"]
        assert abs(accuracy - regraded) <= 0.01
        agreement = document["agreement"]
        assert agreement["confidences_read"] == agreement["confidences_equal"] == 1221
