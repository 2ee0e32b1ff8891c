"""Ask a model how sure it is of the answers it gave, by other means than its own words."""

from calibrant.baselines.located_answers import GradedTexts
from calibrant.baselines.score_answers import open_text_engine, score_answers
from calibrant.baselines.scored_settings import ScoreSettings
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.progress import progress
from calibrant.rows import Completion, Prediction, read_rows, write_rows


def _texts(stage: Stage, predictions: str, completions: str) -> GradedTexts:
    """Return all rows of two inputs, each of any number of files."""
    return GradedTexts(
        [row for path in stage.inputs(predictions) for row in read_rows(path, Prediction)],
        [row for path in stage.inputs(completions) for row in read_rows(path, Completion)],
    )


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "score_answers",
        inputs=("model", "completions", "predictions", "fit_completions", "fit_predictions"),
        outputs=("scored", "account"),
    )
    with stage:
        settings = ScoreSettings(**stage.settings)
        given = _texts(stage, "predictions", "completions")
        fit = _texts(stage, "fit_predictions", "fit_completions")
        stage.say("loading the model")
        engine = open_text_engine(
            stage.input("model"),
            settings,
            lambda results, total: progress(results, total, f"{stage.subject}: answers"),
        )
        found = score_answers(given, fit, settings, stage.seed, engine)
        write_rows(stage.output("scored"), found.rows, Prediction)
        write_json(stage.output("account"), found.account)
        stage.metric("answers", found.account["answers"])
        for status, count in found.account["statuses"].items():
            stage.metric(f"confidence.{status}", count)
        if found.account["mean_confidence"] is not None:
            stage.metric("mean_confidence", found.account["mean_confidence"])
        if "probe" in found.account:
            stage.metric("penalty", found.account["probe"]["penalty"])
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
