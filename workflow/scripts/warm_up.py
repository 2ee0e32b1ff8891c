"""Teach a model the format, and what the words of the laboratory mean, before any reward."""

from typing import Any

from calibrant.data.sealed_rows import check_as_made, check_rows
from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.progress import progress
from calibrant.rows import Question, read_rows
from calibrant.stage_settings.warm_up import WarmUpSettings
from calibrant.training.own_replies import own_reply_examples
from calibrant.training.warm_up import warm_up


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("warm_up", inputs=("model", "training"), outputs=("manifest",))
    with stage:
        settings = WarmUpSettings(**stage.settings)
        folder = stage.output_folder("manifest")
        examples = _own_replies(stage, settings)
        manifest = warm_up(stage.input("model"), settings, stage.seed, folder, stage.say, examples)
        write_json(stage.output("manifest"), manifest)
    return 0


def _own_replies(stage: Stage, settings: WarmUpSettings) -> list[dict[str, Any]] | None:
    if settings.warm_up.own_replies is None:
        return None
    path = stage.input("training")
    questions = read_rows(path, Question)
    check_rows(questions, "train", None, path)
    check_as_made(path, stage.root)
    kept = own_reply_examples(
        stage.input("model"), questions, settings, stage.seed,
        lambda replies, total: progress(replies, total, f"{stage.subject}: replies"),
    )  # fmt: skip
    stage.metric("asked", settings.warm_up.questions)
    stage.metric("kept", len(kept))
    stage.say(f"learning from {len(kept):,} replies of its own")
    return kept


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
