"""Teach a model the format, and what the words of the laboratory mean, before any reward."""

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rows import Question, read_rows
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.warm_up import warm_up


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("warm_up", inputs=("model", "training"), outputs=("manifest",))
    with stage:
        settings = WarmUpSettings(**stage.settings)
        folder = stage.output_folder("manifest")
        manifest = warm_up(
            stage.input("model"), settings, stage.seed, folder, stage.say, _questions(stage)
        )
        write_json(stage.output("manifest"), manifest)
    return 0


def _questions(stage: Stage) -> list[Question]:
    questions: list[Question] = []
    for path in stage.inputs("training"):
        questions += read_rows(path, Question)
        check_rows(questions, "train", None, path)
        check_as_made(path, stage.root)
    return questions


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
