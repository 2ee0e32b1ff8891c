"""Audit the rewards of a study: what they ask for, and where each estimator leads with them."""

from calibrant.errors import report_errors
from calibrant.files import write_json
from calibrant.lineage.stage import Stage
from calibrant.rewards.audit import audit
from calibrant.stage_settings.audit import AuditSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line("audit_rewards", inputs=(), outputs=("audit",))
    with stage:
        settings = AuditSettings(**stage.settings)
        report = audit(settings.rewards, settings.estimators, settings.noises, stage.seed)
        write_json(stage.output("audit"), report)
        stage.metric("rewards", len(settings.rewards))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
