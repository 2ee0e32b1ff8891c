"""The report: one HTML file that opens offline, every number in it traced."""

import base64
from pathlib import Path

from calibrant.reporting.collect import MEASURE_STYLES, collect
from calibrant.reporting.evidence import Evidence
from calibrant.reporting.figures import reliability_svg, risk_coverage_svg
from calibrant.reporting.number_check import check_page
from calibrant.reporting.numbers import Numbers
from calibrant.stage_settings import ReportSettings

READS_FILES = ("page.html", "page.css")
_FOLDER = Path(__file__).parent


def render_page(evidence: Evidence, settings: ReportSettings) -> tuple[str, Numbers]:
    """Return the page and the numbers it prints.

    All text from data and settings is escaped.

    Raises:
        CalibrantError: If the page prints a digit that is none of its numbers.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    numbers = Numbers()
    content = collect(evidence, settings, numbers)

    def num(name: str) -> Markup:
        number = numbers[name]
        place = f"{number.file}#{number.pointer}"
        title = f"{number.undefined} ({place})" if number.undefined else place
        return Markup('<span class="num" data-num="{}" title="{}">{}</span>').format(
            name, title, number.printed
        )

    def quoted(text: str) -> Markup:
        return Markup("<span data-quoted>{}</span>").format(text)

    def image(svg: str) -> str:
        return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(num=num, quoted=quoted)
    colour = settings.report.colour
    page = environment.get_template("page.html").render(
        settings=settings,
        content=content,
        measure_names=list(MEASURE_STYLES),
        style=Markup((_FOLDER / "page.css").read_text(encoding="utf-8")),
        reliability=lambda view: image(reliability_svg(view.content, colour)),
        risk_coverage=lambda view: image(risk_coverage_svg(view.content, colour)),
    )
    check_page(page, numbers)
    return page, numbers
