"""Files of answers from a system whose confidence in law is worth less than it says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Write = Callable[..., Path]
_STATED = np.array([0.5, 0.8, 0.9, 0.98])


@pytest.fixture
def write_answers(tmp_path: Path) -> Write:
    """Write a CSV of ``n`` questions; ``fall`` takes so much from the chance of being right."""

    def write(
        name: str,
        n: int = 800,
        *,
        seed: int = 1,
        fall: float = 0.0,
        domains: tuple[str, ...] = ("math", "law"),
        labels: bool = True,
        columns: tuple[str, ...] = ("method", "domain"),
    ) -> Path:
        rng = np.random.default_rng(seed)
        head = ["question_id", *columns, "confidence", *(["correct"] if labels else [])]
        lines = [",".join(head)]
        for number in range(n):
            stated = float(rng.choice(_STATED))
            domain = domains[number % len(domains)]
            chance = stated - fall - (0.2 if domain == "law" else 0)
            values = {"method": "base", "domain": domain}
            cells = [f"{name}{number}", *(values[column] for column in columns)]
            cells.append("" if number % 40 == 39 else f"{stated}")
            lines.append(",".join([*cells, *([f"{int(rng.random() < chance)}"] if labels else [])]))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
