"""vLLM where it is not installed, and the order in which results leave its engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from calibrant.data.settings import DatasetUse
from calibrant.elicitation.settings import Elicitation
from calibrant.engines.answering import open_model
from calibrant.engines.settings import Generation
from calibrant.engines.vllm_engine import VllmEngine
from calibrant.engines.vllm_steps import finished
from calibrant.errors import CalibrantError
from calibrant.files import write_json
from calibrant.stage_settings.answers import GenerateSettings


@dataclass
class SteppedEngine:
    """Stands in for ``vllm.LLMEngine``: a request of n tokens is finished at step n."""

    reason: str = "stop"
    step_now: int = 0
    under_way: dict[str, int] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)

    def has_unfinished_requests(self) -> bool:
        return bool(self.under_way)

    def add_request(self, request_id: str, prompt: dict[str, list[int]], _: Any) -> None:
        self.under_way[request_id] = len(prompt["prompt_token_ids"])

    def abort_request(self, request_ids: list[str]) -> None:
        self.given_up += request_ids
        for request_id in request_ids:
            del self.under_way[request_id]

    def step(self) -> list[Any]:
        self.step_now += 1
        done = [name for name, length in self.under_way.items() if length == self.step_now]
        for name in done:
            del self.under_way[name]
        output = SimpleNamespace(finish_reason=self.reason)
        return [SimpleNamespace(request_id=name, outputs=[output]) for name in done]


def of_lengths(*lengths: int) -> Sequence[tuple[list[int], None]]:
    return [([7] * length, None) for length in lengths]


def test_every_result_leaves_at_the_step_that_finishes_it() -> None:
    engine = SteppedEngine()
    left = [(position, engine.step_now) for position, _ in finished(engine, of_lengths(5, 1, 3, 1))]
    assert left == [(1, 1), (3, 1), (2, 3), (0, 5)]
    assert engine.given_up == []


def test_what_a_consumer_leaves_is_given_up_and_the_engine_is_free_again() -> None:
    engine = SteppedEngine()
    results = finished(engine, of_lengths(5, 1, 3))
    assert next(results)[0] == 1
    results.close()
    assert engine.given_up == ["0", "2"]
    assert not engine.has_unfinished_requests()


def test_a_second_sequence_meanwhile_is_refused() -> None:
    engine = SteppedEngine()
    first = finished(engine, of_lengths(5, 1))
    next(first)
    with pytest.raises(RuntimeError, match="one sequence of requests at a time"):
        next(finished(engine, of_lengths(2)))
    assert [position for position, _ in first] == [0]


def test_a_request_that_vllm_ends_by_itself_is_no_answer() -> None:
    with pytest.raises(RuntimeError, match="vLLM ended request 0: abort"):
        list(finished(SteppedEngine(reason="abort"), of_lengths(1)))


def test_no_request_needs_no_step() -> None:
    engine = SteppedEngine()
    assert list(finished(engine, [])) == []
    assert engine.step_now == 0


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vLLM is installed here")
def test_without_vllm_the_error_names_the_environment(tmp_path: Path) -> None:
    with pytest.raises(CalibrantError, match=r"environment of envs/vllm\.in"):
        VllmEngine(tmp_path, Generation(engine="vllm"))


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vLLM is installed here")
def test_the_setting_chooses_the_engine(tmp_path: Path) -> None:
    write_json(tmp_path / "manifest.json", {"files": []})
    settings = GenerateSettings(
        method="model",
        use=DatasetUse(dataset="set"),
        elicitation=Elicitation(),
        generation=Generation(engine="vllm"),
    )
    with pytest.raises(CalibrantError, match="vLLM cannot be imported"):
        open_model(tmp_path / "manifest.json", settings)
