"""The report: one HTML file that opens offline, every number in it traced."""

import base64

from calibrant.reporting.anchors import LINEAGE, file_anchor
from calibrant.reporting.collect import collect
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.figures import FORECASTS, reliability_svg, risk_coverage_svg
from calibrant.reporting.line_figures import training_svg, truth_svg
from calibrant.reporting.method_styles import method_styles
from calibrant.reporting.number_check import check_page
from calibrant.reporting.numbers import Number, Numbers
from calibrant.reporting.templates import FOLDER, template_environment
from calibrant.reporting.training_section import PANELS
from calibrant.reporting.views import MEASURE_STYLES
from calibrant.stage_settings.report import ReportSettings

MOST_OPEN = 12
"""With more pairs of system and dataset than this, findings and figures are folded away."""

READS_FILES = ("page.html", "page.css")


def render_page(evidence: Evidence, settings: ReportSettings) -> tuple[str, Numbers]:
    """Return the page and the numbers it prints.

    All text from data and settings is escaped.

    Raises:
        CalibrantError: If the page prints a digit that is none of its numbers.
    """
    from markupsafe import Markup

    numbers = Numbers()
    content = collect(evidence, settings, numbers)

    def num(name: str) -> Markup:
        number = numbers[name]
        return Markup('<a class="num" href="{}#{}" data-num="{}" title="{}">{}</a>').format(
            LINEAGE, file_anchor(number.file), name, _origin(number), number.printed
        )

    def quoted(text: str) -> Markup:
        return Markup("<span data-quoted>{}</span>").format(text)

    def image(svg: str) -> str:
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

    environment = template_environment()
    environment.globals.update(num=num, quoted=quoted)
    colour = settings.report.colour
    styles = method_styles(_methods(evidence, settings), colour)
    page = environment.get_template("page.html").render(
        settings=settings,
        content=content,
        measure_names=list(MEASURE_STYLES),
        several=any(view.seeds for view in content.views),
        several_trainings=len(evidence.curves) > len({item.method for item in evidence.curves}),
        many=len(content.views) > MOST_OPEN,
        style=Markup((FOLDER / "page.css").read_text(encoding="utf-8")),
        reliability=lambda view: image(reliability_svg(view.content, colour)),
        forecasts=lambda view: image(reliability_svg(view, colour, FORECASTS)),
        risk_coverage=lambda view: image(risk_coverage_svg(view.content, colour)),
        truth=lambda lines: image(truth_svg(lines, styles)),
        training_curves=lambda lines: image(training_svg(lines, PANELS, styles)),
    )
    check_page(page, numbers)
    return page, numbers


def _origin(number: Number) -> str:
    """Return where a number comes from and why it is not what one would expect."""
    place = f"{number.file}#{number.pointer}"
    if number.others:
        place += f" and {len(number.others)} more"
    said = "; ".join(filter(None, (number.undefined, number.computed)))
    return f"{said} ({place})" if said else place


def _methods(evidence: Evidence, settings: ReportSettings) -> list[str]:
    """Return all methods, in the order of the study where it names them."""
    measured = [document.content["method"] for document in evidence.measures]
    trained = [curve.method for curve in evidence.curves]
    return list(dict.fromkeys([*settings.methods, *measured, *trained]))
