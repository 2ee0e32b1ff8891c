"""The certificate as one page for people."""

from calibrant.certification.binomial import two_sided
from calibrant.certification.certificate import Certificate, Group, Point
from calibrant.certification.feasibility import least_labels
from calibrant.measures.further import FIXED_RULE, PRICES


def card(certificate: Certificate) -> str:
    """Return the card as Markdown that also reads as plain text."""
    parts = [
        f"# Certificate of {_clean(certificate.source)}",
        _claim(certificate),
        _thresholds(certificate),
        "## Cost beside other rules, on the same tested questions",
        "Cost per question if asking a person costs 1 and a wrong accepted answer costs "
        f"{', '.join(map(str, PRICES[:-1]))} or {PRICES[-1]}. The rule 0.85 is the "
        "article's: fixed, and certified by nobody.",
        *(_costs(group, certificate.delta) for group in certificate.groups),
        "## What this does not cover",
        "\n".join(f"- {sentence}" for sentence in not_covered(certificate)),
        f"Rows used: sha256 {certificate.data_sha256}, by calibrant {certificate.calibrant}.",
    ]
    return "\n\n".join(parts) + "\n"


def not_covered(certificate: Certificate) -> list[str]:
    """Return, sentence by sentence, where the guarantee ends."""
    sentences = [
        "It holds if the calibration questions and those to come are independent draws from one "
        "source (i.i.d.), answered by the same system with the same prompt and settings. Another "
        "kind of question, a time trend or a selection of hard ones breaks it.",
        f"The {1 - certificate.delta:g} is about the draw of the calibration sample: of many such "
        f"samples, at most {certificate.delta:g} give a threshold whose long-run error rate is "
        f"above {certificate.alpha:g}. A refusal counts among the rest, so of the samples that do give "
        "a threshold the share may be larger. It is not the chance that a given answer is right, "
        "and a batch of accepted answers can exceed the rate by chance.",
        "Right and wrong are as labelled in the file; errors of the labels are not counted."
        + _ungraded(certificate),
        _questions(certificate),
        _scope(certificate),
        "The pointwise bound in the table would hold for a threshold fixed in advance; certified "
        f"is only {certificate.alpha:g}.",
        "The drift test sees changes of the stated confidences, and of the error rate only where "
        "labels arrive. A fall in correctness behind unchanged confidences stays unseen without "
        "labels.",
    ]
    tested = len(certificate.groups)
    if tested > 1:
        joint = max(0.0, 1 - tested * certificate.delta)
        sentences.append(
            f"Each of the {tested} groups tested holds with confidence {1 - certificate.delta:g} by "
            f"itself; that all hold at once only with {joint:.4g}."
        )
    return sentences


def _claim(certificate: Certificate) -> str:
    alpha, delta = certificate.alpha, certificate.delta
    return (
        f"Accepted answers are wrong in at most {alpha:.4g} of cases in the long run, with "
        f"confidence {1 - delta:.4g} over calibration samples, under the conditions below. "
        f"Method: learn then test, fixed sequence of thresholds "
        f"({'given in advance' if certificate.path == 'given' else 'chosen on questions set aside'}"
        f"), exact binomial tests. At this level {least_labels(alpha, delta)} accepted answers "
        "without an error are the least that can certify anything."
    )


def _thresholds(certificate: Certificate) -> str:
    level = f"{1 - certificate.delta:g}"
    head = (
        f"| {_clean(certificate.by or 'rows')} | accept at | tested | accepted | wrong | "
        f"coverage ({level}) | risk | pointwise bound | certified |"
    )
    lines = [head, "|---" * 9 + "|"]
    for group in certificate.groups:
        found = group.certified
        if found is None:
            lines.append(
                f"| {_clean(group.name)} | nothing | {group.questions} | - | - | - | - | - | no |"
            )
            continue
        coverage = f"{found.coverage:.3f} [{found.coverage_low:.3f}, {found.coverage_high:.3f}]"
        lines.append(
            f"| {_clean(group.name)} | {found.point.threshold:g} | {group.questions} | "
            f"{found.point.accepted} | {found.point.errors} | {coverage} | {found.risk:.4f} | "
            f"{found.risk_upper_pointwise:.4f} | {found.risk_bound:g} |"
        )
    remarks = [remark for group in certificate.groups if (remark := _remark(group))]
    return "\n".join(["## Thresholds", "", *lines, *(["", *remarks] if remarks else [])])


def _remark(group: Group) -> str:
    words = []
    if group.refusal is not None:
        words.append(f"Refused ({group.refusal.reason}): {group.refusal.text}.")
    if group.missing:
        words.append(
            f"{group.missing} of {group.questions} tested answers state no confidence and are "
            "always deferred."
        )
    if group.least_deferred > 0:
        words.append(
            f"{group.wrong} of {group.questions} answers are wrong: at that rate any rule must "
            f"defer at least {group.least_deferred:.3f}."
        )
    return f"- {_clean(group.name)}: {' '.join(words)}" if words else ""


def _costs(group: Group, delta: float) -> str:
    everything = group.curve[-1] if group.curve else Point(threshold=0, accepted=0, errors=0)
    rules = [
        (f"certified, {group.certified.point.threshold:g}", group.certified.point)
        if group.certified
        else ("certified: defer all", Point(threshold=1, accepted=0, errors=0)),
        (f"fixed {FIXED_RULE:g}", group.fixed_rule),
        ("accept all that state one", everything),
    ]
    ratios = " | ".join(f"cost at {ratio}" for ratio in PRICES)
    lines = [
        f"| {_clean(group.name)} | coverage | risk ({1 - delta:g}) | {ratios} |",
        "|---" * (3 + len(PRICES)) + "|",
    ]
    for name, point in rules:
        costs = " | ".join(_number(cost(point, group.questions, ratio)) for ratio in PRICES)
        share = point.accepted / group.questions if group.questions else None
        lines.append(f"| {name} | {_number(share)} | {_risk(point, delta)} | {costs} |")
    return "\n".join(lines)


def cost(point: Point, questions: int, ratio: float) -> float | None:
    """Return the cost per question: 1 for each one deferred, ``ratio`` for each wrong accepted.

    Returns:
        A number of 0 or more, or None without a question.
    """
    if questions == 0:
        return None
    return (questions - point.accepted + ratio * point.errors) / questions


def _risk(point: Point, delta: float) -> str:
    if point.accepted == 0:
        return "none accepted"
    low, high = two_sided(point.errors, point.accepted, 1 - delta)
    return f"{point.errors / point.accepted:.4f} [{low:.4f}, {high:.4f}]"


def _ungraded(certificate: Certificate) -> str:
    if certificate.ungraded == 0:
        return ""
    return (
        f" {certificate.ungraded} of {certificate.rows} rows have no label and were left out: "
        "answers of their kind are not covered."
    )


def _questions(certificate: Certificate) -> str:
    if not certificate.names_questions:
        return (
            "The file has no column question_id: every row was taken for a question of its own. If "
            "some rows share a question or a document, nothing is certified."
        )
    return (
        f"One answer per question was used ({certificate.repeated} others left out), so the rate "
        "is that of a random answer to a random question. Questions that share a document count "
        "as independent."
    )


def _scope(certificate: Certificate) -> str:
    if not certificate.scope:
        return (
            "The file does not say which system answered, nor the domain: nobody can check that "
            "the answers to come are of the same kind."
        )
    seen = "; ".join(
        f"{_clean(column)}: "
        + ", ".join(f"{_clean(value)} ({n})" for value, n in list(values.items())[:12])
        + (f" and {len(values) - 12} more" if len(values) > 12 else "")
        for column, values in certificate.scope.items()
    )
    mixed = any(
        len(values) > 1 for column, values in certificate.scope.items() if column != certificate.by
    )
    mixture = (
        " A threshold is for the mixture it was certified on: within one part of it, or under "
        "another mixture, the rate may be higher."
        if mixed
        else ""
    )
    return f"Seen, with questions: {seen}. Anything else is refused.{mixture}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _clean(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text).replace("|", "/")
