"""A verdict in which something moved, a store, and a receiver that environment variables point to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clt.baselines.document import Change, Comparison, Difference, Run, Series, Verdict, Word
from clt.baselines.telling import SECRETS_VARIABLE
from clt.store import Store, open_store
from clt.study import Webhook
from tests.baselines.telling.receiver import Receiver, receiver

RUNS = ("run-1", "run-2", "run-3", "run-4")
KEY = "k3y-of-the-signature"


def run(number: int) -> Run:
    return Run(
        id=f"run-{number}",
        number=number,
        study="a" * 64,
        started=f"2026-11-{2 + 7 * (number - 1):02}T03:00:00+00:00",
        seeds=[number],
        state="complete",
        used="in control",
        bits="different",
        bits_beside="run-1",
        pinned=False,
        note="",
    )


def fall(id: str, found: str = "run-4") -> Change:
    return Change(
        id=id, since="run-3", found=found, before=0.5, after=0.4, size=-0.1, low=-0.14, high=-0.06, until="run-4"
    )


def rise(id: str, found: str = "run-4") -> Change:
    return Change(
        id=id, since="run-3", found=found, before=0.4, after=0.5, size=0.1, low=0.06, high=0.14, until="run-4"
    )


def series(language: str, word: Word = Word.REGRESSED, *, found: str = "run-4", moved: bool = True) -> Series:
    change = fall(f"{language}-{found}", found)
    if word is Word.IMPROVED:
        change = rise(f"{language}-{found}", found)
    return Series(
        comparison=Comparison(
            name=f"math, {language} (small, single-task, n = 20)",
            model="small",
            setting="single_task",
            mixture="additive",
            samples_per_language=20,
            task="math",
            metric="exact_match",
            languages=[language],
            higher_is_better=True,
            primary=language == "ja",
            anchors=False,
            weight=0.5,
        ),
        word=word,
        items=250,
        values=[0.5, 0.52, 0.41, 0.4],
        low=[None, None, 0.4, 0.4],
        high=[None, None, 0.6, 0.6],
        evidence=[None, None, 12.0, 5200.0],
        stands_out=[False] * 4,
        threshold=2080.0,
        change=change if moved else None,
        visible_drop=0.05,
        paired=None,
    )


def verdict(*moved: Series, word: Word = Word.REGRESSED, name: str = "weekly") -> Verdict:
    return Verdict(
        format=1,
        baseline=name,
        word=word,
        sentence="math, ja fell by 0.1 since run-3.",
        runs_missing=0,
        horizon=52,
        alpha=0.05,
        first_runs=5,
        worth=0.05,
        bits="different",
        bits_beside="run-1",
        differences=[Difference(what="training packages.torch", before="2.12", now="2.13 <rc>", since="run-3")],
        runs=[run(number) for number in range(1, 5)],
        series=[*moved, series("es", Word.UNCHANGED, moved=False)],
        events=[],
        notes=[],
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))


@pytest.fixture
def webhook() -> Webhook:
    return Webhook(url_from="BASELINE_WEBHOOK")


@pytest.fixture
def receiving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """What BASELINE_WEBHOOK points to, with pauses that take no time."""
    monkeypatch.delenv(SECRETS_VARIABLE, raising=False)
    monkeypatch.setattr("clt.baselines.telling.delivery.FIRST_PAUSE", 0.01)
    with receiver() as state:
        monkeypatch.setenv("BASELINE_WEBHOOK", state.url)
        yield state


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def limit(seconds: float) -> None:
        monkeypatch.setattr("clt.baselines.telling.delivery.SECONDS", seconds)

    return limit
