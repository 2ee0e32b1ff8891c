"""From the settings of a judge, and the models it asks, to the judge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from calibrant.engines.device import has_gpu
from calibrant.engines.interface import ScoringEngine
from calibrant.engines.settings import Generation
from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, read_json, sha256_text
from calibrant.judging.case import Case, Judge, Verdict
from calibrant.judging.language_judge import LanguageJudge
from calibrant.judging.panel import PanelJudge
from calibrant.judging.panel_model import PanelModel
from calibrant.judging.prompts import PROMPTS
from calibrant.judging.settings import LanguageJudgeSettings
from calibrant.judging.store import VerdictStore
from calibrant.judging.stored_judge import judged
from calibrant.spelling import did_you_mean
from calibrant.stage_settings.judging import JudgePart

# Part of every identity: raise it when the code that scores gives other likelihoods, or stored verdicts
# would outlive what produced them.
_SCORING = "scoring 1"


class StoredJudge:
    """A judge whose verdicts are looked up before they are asked for.

    Args:
        judge: Who is asked.
        store: Where verdicts are kept.

    Attributes:
        asked: Who is asked.
    """

    def __init__(self, judge: Judge, store: VerdictStore) -> None:
        self.asked = judge
        self._store = store
        self.identity = judge.identity
        self.prompt_version = judge.prompt_version

    def judge(self, cases: Sequence[Case]) -> Iterator[tuple[int, Verdict]]:
        """Yield the position of each case and its verdict, in the order of the cases."""
        yield from enumerate(judged(self._store, self.asked, cases))


def open_members(
    part: JudgePart, manifests: Mapping[str, Path], store: VerdictStore
) -> list[StoredJudge]:
    """Return the language judges that a judge asks: itself, or the members of a panel.

    Judges of one model share it.

    Args:
        part: The judge.
        manifests: Manifest of every model named in the settings; the model lies beside it.
        store: Where verdicts are kept.
    """
    engines: dict[str, ScoringEngine] = {}

    def engine(settings: LanguageJudgeSettings) -> tuple[ScoringEngine, str]:
        if settings.server is not None:
            from calibrant.engines.server_engine import ServerEngine

            server = settings.server
            named = f"{server.model} at {server.address}, {server.scoring}"
            return ServerEngine(server, Generation()), f"{named}, {_SCORING}"
        manifest = manifests[str(settings.model)]
        key = f"{settings.model}/{settings.batch_size}"
        if key not in engines:
            engines[key] = LazyEngine(manifest, settings.batch_size)
        weights = sha256_text(canonical_json(read_json(manifest)))
        # A GPU computes in bfloat16, and the judge that was measured must be the one that is asked.
        return engines[key], f"{weights}, {'cuda' if has_gpu() else 'cpu'}, {_SCORING}"

    asked = part.members.values()
    if isinstance(part.judge, LanguageJudgeSettings):
        asked = {part.name: part.judge}.values()
    return [StoredJudge(_language(settings, *engine(settings)), store) for settings in asked]


def open_judge(
    part: JudgePart, manifests: Mapping[str, Path], store: VerdictStore, described: Any
) -> Judge:
    """Return a judge that ``measure_judge`` has described.

    What a panel's members say is stored; what the judge itself says is for the caller to store.

    Args:
        part: The judge.
        manifests: Manifest of every model named in the settings.
        store: Where verdicts are kept.
        described: What the stage wrote to ``judge.json``.

    Raises:
        CalibrantError: If it is not the judge that was measured.
    """
    members = open_members(part, manifests, store)
    judge = members[0].asked if described["panel"] is None else _panel(described, members)
    if judge.identity != described["identity"]:
        raise CalibrantError(
            "the judge is not the one that was measured",
            where=f"judge {part.name}",
            repair="Measure it again",
        )
    return judge


def _panel(described: Any, members: Sequence[StoredJudge]) -> PanelJudge:
    return PanelJudge(PanelModel.from_json(described["panel"]), members)


def _language(settings: LanguageJudgeSettings, engine: ScoringEngine, digest: str) -> LanguageJudge:
    prompt = PROMPTS.get(settings.prompt)
    if prompt is None:
        raise CalibrantError(
            f"there is no prompt {settings.prompt!r}",
            where="judges: prompt",
            repair=f"{did_you_mean(settings.prompt, PROMPTS)}Prompts: {', '.join(PROMPTS)}",
        )
    return LanguageJudge(engine, prompt, digest, settings.threshold)


class LazyEngine:
    """A model on this machine that is loaded when it is first asked.

    A rerun finds all verdicts in the store and loads nothing.

    Args:
        manifest: Manifest of the checkpoint, which is checked when it is loaded.
        batch_size: Prompts per forward pass.
    """

    def __init__(self, manifest: Path, batch_size: int) -> None:
        self._open: Callable[[], ScoringEngine] = lambda: _load(manifest, batch_size)
        self._engine: ScoringEngine | None = None

    def score(self, requests: Sequence[Any]) -> Iterator[Any]:
        """Yield one result per request."""
        if self._engine is None:
            self._engine = self._open()
        yield from self._engine.score(requests)


def _load(manifest: Path, batch_size: int) -> ScoringEngine:
    import torch

    from calibrant.engines.checkpoint import check_manifest
    from calibrant.engines.transformers_engine import TransformersEngine

    check_manifest(manifest, manifest.parent)
    # Loading a model must not move the random numbers of a training that asks for verdicts: one that
    # goes on after a kill may find them all in the store and load nothing.
    with torch.random.fork_rng():
        return TransformersEngine(manifest.parent, Generation(batch_size=batch_size))
