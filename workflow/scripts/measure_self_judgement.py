"""Measure how well a model forecasts that the confidence it stated is faithful."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.measures.forecast_rows import read_forecasts
from calibrant.measures.self_judged_figures import measure_self_judgement
from calibrant.stage_settings.self_judgement import SelfJudgedSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "measure_self_judgement", inputs=("forecasts",), outputs=("figures",)
    )
    with stage:
        document = measure_self_judgement(
            read_forecasts(stage.input("forecasts")),
            SelfJudgedSettings(**stage.settings),
            stage.seed,
        )
        write_json(stage.output("figures"), document)
        stage.metric("unread", document["unread"]["value"])
        for name in ("brier", "auroc"):
            value = document["view"]["measures"][name]["value"]
            if value is not None:
                stage.metric(name, value)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
