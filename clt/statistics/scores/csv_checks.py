"""What is refused in a table of scores although it can be read: each check names the line and column.

Within a row: unknown languages and settings, impossible numbers. Across rows: two values for one fact, scores twice.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from clt.errors import DataError
from clt.statistics.scores.csv_file import CsvFile
from clt.statistics.scores.row_groups import first_rows, group_numbers, value_codes
from clt.statistics.scores.table import CURVE, RUN
from clt.study import METRICS, is_known

SETTINGS = ("single_task", "multi_task", "base")
ENGLISH = ("en", "eng")
PLACE = [*CURVE, *RUN, "language", "checkpoint", "item"]  # where one score stands
# a fact -> what it is a fact of, as columns and in words
ONE_VALUE = {
    "family": (["study", "model"], "a model has one family"),
    "size": (["study", "model"], "a model has one size"),
    "english_samples": ([*CURVE, "samples_per_language"], "a mixture has one number of English rows"),
    "other_samples": ([*CURVE, "samples_per_language"], "a mixture has one number of other rows"),
}
Array = np.ndarray


def check_texts(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse empty names, unknown settings and languages, and a language in two roles."""
    for name in ("model", "setting", "task", "train_languages", "language"):
        _refuse_values(file, rows, name, bool, "a value")
    _refuse_values(file, rows, "setting", SETTINGS.__contains__, f"one of {', '.join(SETTINGS)}, single, multi")
    _refuse_values(file, rows, "language", is_known, "a lower-case ISO 639 language code such as 'pt'")
    expected = "language codes joined by +, English first, each once"
    _refuse_values(file, rows, "train_languages", _is_language_list, expected)
    english = str(rows["train_languages"].iloc[0]).split("+")[0]
    expected = f"{english!r} first, the code of English in this file"
    _refuse_values(file, rows, "train_languages", lambda text: text.split("+")[0] == english, expected)
    expected = f"{english!r}, the code of English in train_languages"
    _refuse_values(file, rows, "language", lambda code: code == english or not _is_english(code), expected)
    is_base = (rows["setting"] == "base").to_numpy()
    trained = _matching(rows["train_languages"], lambda text: "+" in text)
    file.refuse(is_base & trained, "train_languages", f"{english!r} alone: a base model is not trained")


def check_numbers(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse an n of a base model and numbers that are missing, no counts or outside their metric's range."""
    is_base = (rows["setting"] == "base").to_numpy()
    expected = "nothing: a base model is not trained (English-only training is single_task or multi_task with n = 0)"
    file.refuse(is_base & rows["samples_per_language"].notna().to_numpy(), "samples_per_language", expected)
    file.refuse(rows["score"].isna().to_numpy(), "score", "a number")
    n = rows["samples_per_language"].to_numpy()
    file.refuse(~is_base & ~_is_count(n), "samples_per_language", "a whole number, 0 or more")
    for name in ("english_samples", "other_samples", "checkpoint"):
        values = rows[name].to_numpy()
        file.refuse(~np.isnan(values) & ~_is_count(values), name, "a whole number, 0 or more")
    items = rows["n_items"].to_numpy()
    file.refuse(~np.isnan(items) & ~(_is_count(items) & (items > 0)), "n_items", "a whole number, 1 or more")
    for metric in rows["metric"].cat.categories:
        if facts := METRICS.get(metric):
            high = np.inf if facts.high is None else facts.high
            outside = ((rows["metric"] == metric) & ~rows["score"].between(facts.low, high)).to_numpy()
            file.refuse(outside, "score", f"between {facts.low} and {high}, the range of {metric}")


def check_facts(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse two values of one fact, and what some rows of a group say and others leave out."""
    for name, (by, reason) in ONE_VALUE.items():
        _refuse_second(file, name, group_numbers(rows, by), value_codes(rows[name])[0], reason)
    by = ["metric"] if "metric" in file.header else ["task"]
    better = rows["higher_is_better"].to_numpy().astype(int)
    _refuse_second(file, "higher_is_better", group_numbers(rows, by), better, "a metric has one direction")
    for name, by, reason in (
        ("item", ["study", "task", "metric", "model"], "all scores of a model and task are of items, or all are means"),
        ("checkpoint", [*CURVE, *RUN], "all scores of a run name their checkpoint, or none does"),
    ):
        _refuse_second(file, name, group_numbers(rows, by), rows[name].isna().to_numpy().astype(int), reason)


def check_metrics_are_named(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse a task with the metric's name in some rows only: which scores belong together is not known."""
    unnamed = (rows["metric"] == "").to_numpy().astype(int)
    _refuse_second(file, "metric", group_numbers(rows, ["task"]), unnamed, "all scores of a task name it, or none does")


def check_exposure(file: CsvFile, rows: pd.DataFrame, given: pd.Series) -> None:
    """Refuse an exposure that is not the one that follows from train_languages and n; an empty one is filled."""
    if "exposure" not in file.header:
        return
    same = np.array(
        [[stated in ("", derived) for derived in rows["exposure"].cat.categories] for stated in given.cat.categories]
    )
    wrong = ~same[given.cat.codes.to_numpy(), rows["exposure"].cat.codes.to_numpy()]
    expected = "english, seen or unseen as train_languages and samples_per_language have it, or no such column"
    file.refuse(wrong, "exposure", expected)


def check_duplicates(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse a second score for one place."""
    place = group_numbers(rows, PLACE)
    first = first_rows(place)
    if len(first) < len(rows):
        again = first[place] != np.arange(len(rows))
        second = int(again.argmax())
        raise DataError(
            f"{file.path}:{file.line(second)}: this score stands in line {file.line(int(first[place[second]]))} "
            "already; expected one row for each model, setting, task, metric, train_languages, n, seed, checkpoint, "
            "language and item (use `repeat` for a run made again, `metric` for another metric of a task)"
        )


def check_items_recur(file: CsvFile, rows: pd.DataFrame) -> None:
    """Refuse item ids of which none stands twice in a curve and language: nothing could be compared between n."""
    named = rows["item"].notna().to_numpy()
    line = group_numbers(rows, [*CURVE, "language"])
    several = np.bincount(line[first_rows(group_numbers(rows, [*CURVE, "language", *RUN]))]) > 1
    items = group_numbers(rows, [*CURVE, "language", "item"])
    if named.any() and several.any() and len(first_rows(items)) == len(rows):
        expected = "an id that the item has at every n and in every seed (without such ids: means, and no column item)"
        file.refuse(named & several[line], "item", expected)


def _refuse_values(
    file: CsvFile, rows: pd.DataFrame, name: str, is_right: Callable[[str], bool], expected: str
) -> None:
    file.refuse(_matching(rows[name], lambda text: not is_right(text)), name, expected)


def _matching(column: pd.Series, holds: Callable[[str], bool]) -> Array:
    """Rows (bool) whose category meets a condition."""
    return np.array([holds(text) for text in column.cat.categories], dtype=bool)[column.cat.codes.to_numpy()]


def _is_english(code: str) -> bool:
    return code.split("-")[0] in ENGLISH


def _is_language_list(text: str) -> bool:
    first, *others = codes = text.split("+")
    known = all(is_known(code) for code in codes) and len(set(codes)) == len(codes)
    return known and _is_english(first) and not any(_is_english(code) for code in others)


def _is_count(values: Array) -> Array:
    return (values >= 0) & (values % 1 == 0)


def _refuse_second(file: CsvFile, name: str, group: Array, codes: Array, reason: str) -> None:
    """DataError for the first row whose value is not the one that its group began with."""
    first = first_rows(group)[group]
    wrong = codes != codes[first]
    if wrong.any():
        row = int(wrong.argmax())
        line = file.line(int(first[row]))
        raise file.error(row, name, f"the same as in line {line}: {reason}")
