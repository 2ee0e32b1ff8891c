"""Certify a threshold on the calibration split, and apply it to everything evaluated."""

from calibrant.certification.answers import read_answers
from calibrant.certification.applied import applied_certificate
from calibrant.certification.card import card
from calibrant.certification.certificate import write_certificate
from calibrant.certification.certify import Claim, certify
from calibrant.data.sealed_rows import check_rows
from calibrant.errors import report_errors
from calibrant.files import write_json, write_text
from calibrant.lineage.stage import Stage
from calibrant.rows import Prediction, read_rows
from calibrant.stage_settings.measure import CertifySettings


def main() -> int:
    """Run the stage."""
    stage = Stage.from_command_line(
        "certify",
        inputs=("calibration", "predictions"),
        outputs=("certificate", "card", "applied"),
    )
    with stage:
        settings = CertifySettings(**stage.settings)
        calibration = stage.input("calibration")
        check_rows(
            read_rows(calibration, Prediction), "calibration", [settings.dataset], calibration
        )
        answers = read_answers(calibration, by=None, correct=None, needs_labels=True)
        certificate = certify(answers, Claim(settings.risk, round(1 - settings.confidence, 12)))
        evaluated = [read_rows(path, Prediction) for path in stage.inputs("predictions")]
        by_dataset = {rows[0].dataset: rows for rows in evaluated}
        write_certificate(stage.output("certificate"), certificate)
        write_text(stage.output("card"), card(certificate))
        found = applied_certificate(certificate, by_dataset, settings.level)
        first = evaluated[0][0]
        named = {"method": first.method, "seed": first.seed, "dataset": settings.dataset}
        write_json(stage.output("applied"), {**named, **found})
        certified = certificate.groups[0].certified
        if certified is not None:
            stage.metric("threshold", certified.point.threshold)
            stage.metric("coverage", certified.coverage)
    return 0


if __name__ == "__main__":
    raise SystemExit(report_errors(main))
