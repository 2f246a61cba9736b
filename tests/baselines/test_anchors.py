"""A judge's anchors move with the judge, and with nothing else."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from clt.baselines import Verdict, Word, begin_run, judge_baseline, note_planned
from clt.baselines.anchors import ANSWERS, AnchoredRun, rate_anchors
from clt.baselines.asked import asked_items, content_of
from clt.baselines.recording import record_run
from clt.errors import EndpointError
from clt.planning import declared_record
from clt.store import Store, open_store
from clt.study import StudyRecord, load_study
from tests.answered_study import TEXT, Said, Told, store_answers
from tests.endpoint_server import EndpointServer, Response, serve

CODES = ("en", "es", "ar")
BASELINE = "baseline: {primary: {task: talk, languages: held_out}, worth: 0.2}\n"
ONE_SIZE = TEXT.replace("[0, 10]", "[10]") + BASELINE


def rater(less: int = 0) -> Callable[[int, dict[str, Any]], str]:
    """A judge that goes by the number in an answer: 1 to 5, and so much less where that is still a rating."""

    def respond(_: int, body: dict[str, Any]) -> str:
        return json.dumps({"rating": max(1, number_in(body) % 5 + 1 - less)})

    return respond


def number_in(body: dict[str, Any]) -> int:
    found = re.search(r"answer (\d+)", body["messages"][1]["content"])
    assert found is not None
    return int(found[1])


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with serve(rater(), models=("rater",)) as started:
        yield started


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def complete(store: Store, server: EndpointServer) -> Callable[..., StudyRecord]:
    """A run whose trained cell has answered: `count` items a language, rated as the judge rates in the beginning."""

    def answered(
        run: str, says: str = "answer", count: int = 40, text: str = TEXT + BASELINE, less: int = 0, every: bool = False
    ) -> StudyRecord:
        record = declared_record(load_study(text.replace("http://localhost:1/v1", server.url)), run)
        said = [
            Said(
                prompt=f"question {number}",
                reference="",
                answer=says and f"{says} {number}",
                rating=max(1, number % 5 + 1 - less),
            )
            for number in range(count)
        ]
        said.append(Said(prompt="question", reference="", answer=" ", rating=1))
        for cell in record.grid.cells:
            if every or (cell.tasks == ("talk",) and not cell.is_base):
                told = Told(said={(task, code): said for task in cell.tasks for code in CODES})
                store_answers(store, record, cell, told)
        return record

    return answered


Complete = Callable[..., StudyRecord]


def record_runs(store: Store, complete: Complete, numbers: Iterable[int], less: int) -> Verdict:
    """Runs of which every cell is complete, and the verdict after the last one."""
    for number in numbers:
        record = complete(f"run-{number}", count=5, text=ONE_SIZE, less=less, every=True)
        begin_run(store, record.study, f"run-{number}")
        planned = note_planned(store, record.study, f"run-{number}", record.key)
        record_run(store, record, planned)
    return judge_baseline(store, "told")


def anchors(store: Store) -> pd.DataFrame:
    return pd.read_parquet(store.fetch("baselines/told/anchors/first") / "anchors.parquet")


def test_anchors_are_of_all_ratings_alike_and_none_is_empty(store: Store, complete: Complete) -> None:
    rate_anchors(store, complete("run-1"), "run-1")
    chosen = anchors(store)
    counts = chosen.groupby(["language", "rating"]).size()
    assert set(counts) == {ANSWERS // 5} and len(counts) == 5 * len(CODES)
    assert chosen["answer"].str.strip().ne("").all()


def test_few_answers_are_all_anchors(store: Store, complete: Complete) -> None:
    assert len(rate_anchors(store, complete("run-1", count=3), "run-1")) == 3 * len(CODES)


def test_anchors_say_which_items_they_are(store: Store, complete: Complete) -> None:
    record = complete("run-1")
    table = rate_anchors(store, record, "run-1")
    items = asked_items(store, record, "talk")
    for language, item, content in zip(table["language"], table["item"], table["content"], strict=True):
        assert content == content_of(items[language, item])


def test_an_unchanged_judge_is_asked_again_in_every_run_and_says_the_same(
    store: Store, server: EndpointServer, complete: Complete
) -> None:
    tables = [rate_anchors(store, complete(run), run) for run in ("run-1", "run-2", "run-3")]
    assert tables[0].equals(tables[1]) and tables[0].equals(tables[2])
    assert tables[0]["rating"].tolist() == anchors(store)["rating"].tolist()
    assert len(server.paid) == 3 * ANSWERS * 3  # texts are the same in all languages, the judge is told which it is


def test_a_stricter_judge_moves_the_anchors(store: Store, server: EndpointServer, complete: Complete) -> None:
    before = rate_anchors(store, complete("run-1"), "run-1")
    server.respond = rater(less=1)
    after = rate_anchors(store, complete("run-2"), "run-2")
    assert (before["rating"] - after["rating"]).mean() == pytest.approx(0.8)  # nobody has less than 1


def test_another_system_moves_no_anchor(store: Store, server: EndpointServer, complete: Complete) -> None:
    before = rate_anchors(store, complete("run-1"), "run-1")
    other = complete("run-2", says="mended answer")
    asked = len(server.paid)
    assert rate_anchors(store, other, "run-2").equals(before)
    assert not any("mended" in json.dumps(body) for body in server.paid[asked:])


def test_a_run_that_was_killed_asks_only_what_is_missing(
    store: Store, server: EndpointServer, complete: Complete
) -> None:
    record, well = complete("run-1"), rater()
    server.respond = lambda number, body: well(number, body) if number <= 25 else Response(status=401, raw="{}")
    with pytest.raises(EndpointError):
        rate_anchors(store, record, "run-1")
    assert AnchoredRun.read(store, "baselines/told/anchored/run-1") is None
    server.respond = well
    table = rate_anchors(store, record, "run-1")
    facts = AnchoredRun.read(store, "baselines/told/anchored/run-1")
    assert facts is not None and (facts.calls, facts.kept) == (ANSWERS * 3 - 25, 25)
    assert server.paid_twice == [] and table["rating"].notna().all()
    assert rate_anchors(store, record, "run-1").equals(table) and len(server.paid) == ANSWERS * 3


def test_a_reply_that_cannot_be_read_is_no_rating(store: Store, server: EndpointServer, complete: Complete) -> None:
    well = rater()
    server.respond = lambda number, body: "no idea" if number_in(body) < 20 else well(number, body)
    table = rate_anchors(store, complete("run-1"), "run-1")
    missing = anchors(store)["answer"].str.extract(r"(\d+)")[0].astype(int) < 20
    assert missing.any() and table["rating"].isna().tolist() == missing.tolist()


def test_a_study_that_nobody_judges_has_none_and_asks_nobody(
    store: Store, server: EndpointServer, complete: Complete
) -> None:
    text = (TEXT + BASELINE).replace("metrics: [judge]", "metrics: [exact_match]")
    assert rate_anchors(store, complete("run-1", text=text), "run-1").empty
    assert server.requests == [] and store.keys("baselines") == []


def test_without_answers_to_rate_a_later_run_gives_the_anchors(
    store: Store, server: EndpointServer, complete: Complete
) -> None:
    assert rate_anchors(store, complete("run-1", says=""), "run-1").empty and server.requests == []
    assert len(rate_anchors(store, complete("run-2"), "run-2")) == 3 * ANSWERS


def test_a_judge_that_becomes_stricter_is_told_as_that(
    store: Store, server: EndpointServer, complete: Complete
) -> None:
    verdict = record_runs(store, complete, range(1, 7), less=0)
    anchored = [each for each in verdict.series if each.comparison.anchors]
    assert [(each.items, each.change) for each in anchored] == [(5, None)] * len(CODES)
    server.respond = rater(less=1)
    verdict = record_runs(store, complete, range(7, 12), less=1)
    moved = [each for each in verdict.series if each.change is not None]
    assert {each.word for each in moved if each.comparison.anchors} == {Word.REGRESSED}
    system = [each for each in moved if not each.comparison.anchors]
    assert system and {each.word for each in system} == {Word.CANNOT_TELL}
    assert verdict.word is Word.CANNOT_TELL


def test_a_system_that_gets_worse_is_told_with_the_judge_as_it_was(store: Store, complete: Complete) -> None:
    record_runs(store, complete, range(1, 7), less=0)
    verdict = record_runs(store, complete, range(7, 12), less=1)
    assert verdict.word is Word.REGRESSED
    assert {each.change for each in verdict.series if each.comparison.anchors} == {None}
