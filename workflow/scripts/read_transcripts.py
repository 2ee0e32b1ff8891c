"""Read recorded transcripts of one system as completions."""

from calibrant.data.loaders.rlcr_transcripts import load_transcripts
from calibrant.data.manifest import manifest_files
from calibrant.engines.recorded import recorded_completions
from calibrant.errors import report_errors
from calibrant.lineage.stage import Stage
from calibrant.rows import Completion, Question, read_rows, write_rows
from calibrant.stage_settings.sources import TranscriptSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "read_transcripts", inputs=("manifest", "questions"), outputs=("completions",)
    )
    with stage:
        transcripts = load_transcripts(manifest_files(stage.input("manifest")))
        questions = read_rows(stage.input("questions"), Question)
        settings = TranscriptSettings(**stage.settings)
        completions = recorded_completions(transcripts, questions, settings, stage.seed)
        write_rows(stage.output("completions"), completions, Completion)
        stage.metric("completions", len(completions))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
