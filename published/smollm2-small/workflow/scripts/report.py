"""Write the report: numbers.json first, then the page that prints them."""

from calibrant.errors import report_errors
from calibrant.files import write_json, write_text
from calibrant.lineage.graph import read_graph
from calibrant.lineage.record import project_path
from calibrant.lineage.stage import Stage
from calibrant.reporting.evidence import read_evidence
from calibrant.reporting.lineage_page import render_lineage
from calibrant.reporting.page import render_page
from calibrant.stage_settings.report import ReportSettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "report",
        inputs=(
            "measures",
            "accounts",
            "overlap",
            "published",
            "audit",
            "curves",
            "judges",
            "selection",
            "self_rating",
            "judged",
            "certificates",
            "faithfulness",
            "self_judged",
            "comparisons",
            "transfer",
        ),
        outputs=("page", "numbers", "lineage"),
    )
    with stage:
        settings = ReportSettings(**stage.settings)
        evidence = read_evidence(
            measures=stage.inputs("measures"),
            accounts=stage.inputs("accounts"),
            overlap=stage.inputs("overlap"),
            published=stage.inputs("published"),
            audit=stage.inputs("audit"),
            curves=stage.inputs("curves"),
            judges=stage.inputs("judges"),
            selection=stage.inputs("selection"),
            self_rating=stage.inputs("self_rating"),
            judged=stage.inputs("judged"),
            certificates=stage.inputs("certificates"),
            faithfulness=stage.inputs("faithfulness"),
            self_judged=stage.inputs("self_judged"),
            comparisons=stage.inputs("comparisons"),
            transfer=stage.inputs("transfer"),
        )
        page, numbers = render_page(evidence, settings)
        write_json(stage.output("numbers"), numbers.document())
        write_text(stage.output("page"), page)
        graph = read_graph(stage.root)
        lineage = render_lineage(graph, numbers.all(), project_path(stage.root), settings.title)
        write_text(stage.output("lineage"), lineage)
        stage.metric("numbers", len(numbers))
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
