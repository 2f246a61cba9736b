"""A judge's anchors: fixed answers that it rates again in every run. Where their ratings move, the judge has moved.

baselines/NAME/anchors/first   the answers: of the first complete run, with what they were given in it
baselines/NAME/anchored/RUN    what the judge gave to the same answers when that run ended
"""

import hashlib

import pandas as pd

from clt.baselines.artifacts import place
from clt.baselines.asked import asked_items, content_of
from clt.baselines.comparisons import JUDGE, comparisons_of
from clt.evaluation import Answered, Ratings, rate
from clt.store import ArtifactFile, EvaluationMetadata, Metadata, Store
from clt.study import Cell, Judge, Point, StudyRecord, checkpoint_key, is_judged

ANSWERS = 20  # at most, of a task and language
TABLE = "anchors.parquet"
COLUMNS = ["task", "language", "item", "content", "rating"]


class AnchorsMetadata(Metadata):
    """The fixed answers."""

    study_key: str  # of the run that gave them
    cells: dict[str, str]  # task -> the cell
    answers: int


class AnchoredRun(Metadata):
    """What a judge said to the anchors at the end of one run."""

    run: str
    model: str  # as the study names it
    answered_by: list[str]  # as the endpoint names it
    prompt: str  # the name of what it was asked
    answers: int
    unscored: int  # no reply could be read
    calls: int  # that were answered now
    kept: int  # replies that were there, of a call that was killed


def rate_anchors(store: Store, record: StudyRecord, run: str) -> pd.DataFrame:
    """What the study's judge gives to the baseline's anchors, asked for once a run.

    The first complete run gives the anchors: at most 20 answers a task and language, of all ratings alike. Killed
    anywhere, the next call asks only what is missing.

    Args:
        store: Where the baseline is.
        record: Of the run, whose cells are complete.
        run: Its name.

    Returns:
        A row an answer: task, language, item, content (`content_of` the item), rating (1 to 5; NaN: no reply could be
        read). Empty for a study without judged tasks, and where no run has answers that could be rated.

    Raises:
        EndpointError: The judge cannot be asked, such as without its key; what it said so far is kept.
        StoreError: What the run's cells left is damaged.
    """
    study, judge = record.study, record.study.judge
    if judge is None or not is_judged(study, study.tasks):
        return pd.DataFrame(columns=COLUMNS)
    key = place(study.name, "anchored", run)
    if store.manifest(key) is None:
        anchors = _anchors(store, record)
        columns = (anchors[name] for name in ("language", "prompt", "answer"))
        asked = [
            Answered(language=code, question=prompt, answer=text) for code, prompt, text in zip(*columns, strict=True)
        ]
        ratings = rate(store, judge, asked, occasion=f"baseline {study.name}, run {run}")
        _publish(store, key, run, judge, anchors, ratings)
    return pd.read_parquet(store.fetch(key) / TABLE, columns=COLUMNS).astype({"rating": float})


def _publish(store: Store, key: str, run: str, judge: Judge, anchors: pd.DataFrame, ratings: Ratings) -> None:
    given = [each.rating for each in ratings.judgements]
    table = anchors[COLUMNS].assign(
        rating=pd.array(given, dtype="Int8"), reply=[each.last for each in ratings.judgements]
    )
    with store.writer(key) as attempt:
        table.to_parquet(attempt.path / TABLE, index=False, compression="zstd")
        AnchoredRun(
            run=run,
            model=judge.endpoint.model,
            answered_by=sorted({reply.answered_by for each in ratings.judgements for reply in each.replies} - {""}),
            prompt=judge.prompt,
            answers=len(table),
            unscored=given.count(None),
            calls=ratings.calls,
            kept=ratings.kept,
        ).write(attempt)


def _anchors(store: Store, record: StudyRecord) -> pd.DataFrame:
    """The baseline's fixed answers; of this run, where there are none yet."""
    key = place(record.study.name, "anchors", "first")
    if store.manifest(key) is None:
        cells = {task: _cell(record, task) for task, spec in record.study.tasks.items() if JUDGE in spec.metrics}
        table = pd.concat([_chosen(_rated(store, record, task, cell)) for task, cell in cells.items()])
        if table.empty:  # a later run may have some
            return table
        with store.writer(key) as attempt:
            table.to_parquet(attempt.path / TABLE, index=False, compression="zstd")
            names = {task: cell.key for task, cell in cells.items()}
            AnchorsMetadata(study_key=record.key, cells=names, answers=len(table)).write(attempt)
    return pd.read_parquet(store.fetch(key) / TABLE)  # of two runs that end at once the first one's stand


def _cell(record: StudyRecord, task: str) -> Cell:
    """The task's trained cell that is most like the primary comparison's; the base model where none is trained."""
    primary = comparisons_of(record.study)[0]

    def differs(point: Point) -> list[bool]:
        names = ("model", "setting", "mixture", "samples_per_language")
        return [getattr(point, name) != getattr(primary, name) for name in names]

    points = [point for point in record.grid.points if task in point.tasks]
    if points:
        return record.grid.cell(min(points, key=differs).cell)
    return next(cell for cell in record.grid.cells if task in cell.tasks)


def _rated(store: Store, record: StudyRecord, task: str, cell: Cell) -> pd.DataFrame:
    """The cell's answers to the task that the judge has rated, without empty ones: of these nobody is asked."""
    key = record.evaluation_key(cell)
    evaluation = EvaluationMetadata.read(store, key)
    assert evaluation is not None, "the run is complete"
    folder = store.fetch(checkpoint_key(key, evaluation.selected))
    scores = pd.read_parquet(folder / ArtifactFile.SCORES)
    texts = pd.read_parquet(folder / ArtifactFile.PREDICTIONS, columns=["task", "language", "item", "prediction"])
    ratings = scores[(scores["task"] == task) & (scores["metric"] == JUDGE)].dropna(subset=["score"])
    table = ratings.merge(texts, on=["task", "language", "item"])
    table = table[table["prediction"].str.strip() != ""]
    items = asked_items(store, record, task)
    asked = [items[where] for where in zip(table["language"], table["item"], strict=True)]
    return pd.DataFrame(
        {
            "task": table["task"],
            "language": table["language"],
            "item": table["item"],
            "content": [content_of(item) for item in asked],
            "prompt": [item["prompt"] for item in asked],
            "reference": [item["reference"] for item in asked],
            "answer": table["prediction"],
            "rating": table["score"],
        }
    )


def _chosen(rated: pd.DataFrame) -> pd.DataFrame:
    """At most ANSWERS a language, as many of each rating as there are; which ones, a hash of the item's id says."""
    order = [hashlib.sha256(item.encode()).hexdigest() for item in rated["item"]]
    ordered = rated.assign(order=order).sort_values(["language", "order"])
    ordered["turn"] = ordered.groupby(["language", "rating"]).cumcount()  # the first of each rating, then the second
    ordered = ordered.sort_values(["language", "turn", "rating"])
    return ordered.groupby("language").head(ANSWERS).drop(columns=["order", "turn"])
