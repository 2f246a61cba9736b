"""Where the scores of an evaluated checkpoint stand: the points of curves that take them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from clt.store import AnswerRates
from clt.study import METRICS, Cell, Point, Study, StudyRecord, task_rows

TEXT = ("study", "model", "family", "setting", "task", "metric", "mixture", "train_languages", "exposure", "repeat",
        "language", "item")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """One artifact with scores: an evaluated checkpoint of a complete cell."""

    study: str  # its key
    cell: Cell
    step: int  # of the optimizer; 0 for a base model
    selected: bool  # whether the curves use it
    artifact: str
    rates: tuple[AnswerRates, ...] = ()  # how its answers came about; empty where it has no texts


def placed(scores: pd.DataFrame, record: StudyRecord, checkpoint: StoredCheckpoint) -> list[pd.DataFrame]:
    """The scores once for every point that takes them; the English-only cell stands in several curves."""
    cell, english = checkpoint.cell, record.study.languages.english
    model = record.model(cell)
    others = {
        task: sum(task_rows(record.study, cell, task).values()) - cell.rows.get(english, 0) for task in cell.tasks
    }
    known = scores["metric"].map(lambda name: METRICS[name].higher_is_better)
    scores = scores.assign(
        study=checkpoint.study,
        model=model.name,
        family=model.family or "",
        size=float(model.parameters) if model.parameters else np.nan,
        higher_is_better=known.astype(bool),
        english_samples=float(cell.rows.get(english, 0)) if not cell.is_base else np.nan,
        other_samples=scores["task"].map(others).astype(float) if not cell.is_base else np.nan,
        exposure=scores["language"].map(lambda code: cell.exposure(code, english)),
        seed=cell.seed,
        repeat=cell.repeat,
        checkpoint=checkpoint.step,
        selected=checkpoint.selected,
        n_items=np.nan,
    )
    if cell.is_base:
        place = {"setting": "base", "mixture": "", "train_languages": english, "samples_per_language": np.nan}
        return [_with_columns(scores, place)]
    points = [point for point in record.grid.points if point.cell == cell.key]
    return [_with_columns(scores, _place(record.study, point, scores["task"])) for point in points]


def _with_columns(scores: pd.DataFrame, values: dict[str, Any]) -> pd.DataFrame:
    scores = scores.assign(**values)
    return scores.astype({name: "category" for name in TEXT if name in scores})


def _place(study: Study, point: Point, tasks: pd.Series) -> dict[str, Any]:
    trained = {task: "+".join((study.languages.english, *_trained(study, point, task))) for task in point.tasks}
    return {
        "setting": point.setting,
        "mixture": point.mixture,
        "train_languages": tasks.map(trained),
        "samples_per_language": float(point.samples_per_language),
    }


def _trained(study: Study, point: Point, task: str) -> list[str]:
    """Of the curve's languages, those that the task has."""
    return [code for code in point.train_languages if code in study.trained(task)]
