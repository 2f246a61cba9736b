"""The table of scores from a CSV file such as studies/paper/scores.csv: printed means, or scores per item."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from components.study import METRICS, DataError, is_known
from components.transfer_statistics.scores.table import COLUMNS, ScoreTable

REQUIRED = ("model", "setting", "task", "train_languages", "samples_per_language", "language", "score")
SETTINGS = {"single": "single_task", "multi": "multi_task"}  # as papers write it
DEFAULTS = {"metric": "score", "seed": "0", "higher_is_better": "true", "selected": "true"}
IDENTITY = ["model", "setting", "task", "metric", "mixture", "train_languages", "samples_per_language", "seed",
            "repeat", "language", "item"]  # fmt: skip


def read_csv(path: Path) -> ScoreTable:
    """Read and check a table of scores; its columns are those of `table.COLUMNS`, other columns are passed over.

    `train_languages` is joined by + with English first; a base model has the setting `base`. `single` and `multi`
    are understood as settings. Raises DataError with line and column for whatever cannot be understood.
    """
    rows = _read_text(path)
    for name in COLUMNS:
        if name not in rows:
            rows[name] = DEFAULTS.get(name, "")
        elif name in DEFAULTS:
            rows[name] = rows[name].mask(rows[name] == "", DEFAULTS[name])
    rows["setting"] = rows["setting"].replace(SETTINGS)
    rows["item"] = rows["item"].mask(rows["item"] == "")
    _check_text(path, rows)
    for name in ("score", "samples_per_language", "english_samples", "other_samples", "checkpoint", "n_items", "size"):
        rows[name] = _numbers(path, rows, name)
    _check_numbers(path, rows)
    for name in ("higher_is_better", "selected"):
        rows[name] = rows[name].str.lower() == "true"
    rows = rows[rows["selected"]]
    _check_duplicates(path, rows)
    _derive(rows := rows.copy())
    kinds = {name: "category" for name in rows.columns if rows[name].dtype == "str"}
    return ScoreTable(
        rows=rows.astype(kinds)[list(COLUMNS)].reset_index(drop=True),
        source=path.name,
        main_metrics=dict(rows.drop_duplicates("task")[["task", "metric"]].itertuples(index=False)),
        inputs={path.name: hashlib.sha256(path.read_bytes()).hexdigest()},
    )


def _read_text(path: Path) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as CSV in UTF-8 with a header line: {error}") from None
    if absent := [name for name in REQUIRED if name not in rows]:
        raise DataError(f"{path}:1: no column {', '.join(absent)}; expected at least {', '.join(REQUIRED)}")
    if rows.empty:
        raise DataError(f"{path}: got a header and no rows, expected scores below it")
    return rows


def _refuse(path: Path, rows: pd.DataFrame, name: str, wrong: pd.Series, expected: str) -> None:
    """DataError for the first wrong row, if there is one."""
    if wrong.any():
        at = int(wrong.to_numpy().argmax())
        value = rows[name].iloc[at]
        shown = repr(value) if isinstance(value, str) else "''" if np.isnan(value) else f"{value:g}"
        raise DataError(f"{path}:{_line(int(rows.index[at]))}: {name}: got {shown}, expected {expected}")


def _line(index: int) -> int:
    return index + 2  # a header line, and lines count from 1


def _numbers(path: Path, rows: pd.DataFrame, name: str) -> pd.Series:
    text = rows[name].str.strip()
    values = pd.to_numeric(text.mask(text == ""), errors="coerce").astype(float)
    wrong = (text != "") & ~np.isfinite(values)
    _refuse(path, rows, name, wrong, "a finite number such as 0.75")
    return values


def _check_text(path: Path, rows: pd.DataFrame) -> None:
    for name in ("model", "task", "language"):
        _refuse(path, rows, name, rows[name] == "", "a value")
    allowed = ("single_task", "multi_task", "base")
    _refuse(path, rows, "setting", ~rows["setting"].isin(allowed), f"one of {', '.join(allowed)}, single, multi")
    _refuse_values(path, rows, "language", is_known, "a lower-case ISO 639 language code such as 'pt'")
    _refuse_values(
        path, rows, "train_languages", _is_language_list, "language codes joined by +, English first, each once"
    )
    for name in ("higher_is_better", "selected"):
        _refuse(path, rows, name, ~rows[name].str.lower().isin(("true", "false")), "true or false")


def _refuse_values(path: Path, rows: pd.DataFrame, name: str, is_right: Callable[[str], bool], expected: str) -> None:
    right = {value: is_right(value) for value in rows[name].unique()}
    _refuse(path, rows, name, ~rows[name].map(right).astype(bool), expected)


def _is_language_list(text: str) -> bool:
    codes = text.split("+")
    return all(is_known(code) for code in codes) and len(set(codes)) == len(codes)


def _check_numbers(path: Path, rows: pd.DataFrame) -> None:
    _refuse(path, rows, "score", rows["score"].isna(), "a number")
    n = rows["samples_per_language"]
    trained = rows["setting"] != "base"
    _refuse(path, rows, "samples_per_language", trained & ~((n >= 0) & (n % 1 == 0)), "a whole number, 0 or more")
    for metric in rows["metric"].unique():
        if facts := METRICS.get(metric):
            high = np.inf if facts.high is None else facts.high
            outside = (rows["metric"] == metric) & ~rows["score"].between(facts.low, high)
            _refuse(path, rows, "score", outside, f"between {facts.low} and {high}, the range of {metric}")


def _check_duplicates(path: Path, rows: pd.DataFrame) -> None:
    again = rows.duplicated(IDENTITY)
    if again.any():
        second = int(again.to_numpy().argmax())
        codes = rows.groupby(IDENTITY, dropna=False, sort=False).ngroup().to_numpy()
        first = int((codes == codes[second]).argmax())
        raise DataError(
            f"{path}:{_line(int(rows.index[second]))}: this score stands in line {_line(int(rows.index[first]))} "
            "already; expected one row for each "
            "model, setting, task, train_languages, n, seed, language and item (use `repeat` for a run made again)"
        )


def _derive(rows: pd.DataFrame) -> None:
    """Fill what follows from other columns: exposure, and the non-English rows of an additive mixture."""
    rows.loc[rows["setting"] == "base", ["samples_per_language"]] = np.nan
    split = {text: text.split("+") for text in rows["train_languages"].unique()}
    english = rows["language"] == rows["train_languages"].map({text: codes[0] for text, codes in split.items()})
    pairs = zip(rows["language"], rows["train_languages"], strict=True)
    trained = pd.Series([code in split[text] for code, text in pairs], index=rows.index)
    seen = trained & (rows["samples_per_language"] > 0)
    rows["exposure"] = np.where(english, "english", np.where(seen, "seen", "unseen"))
    others = rows["samples_per_language"] * rows["train_languages"].map(
        {text: len(codes) - 1 for text, codes in split.items()}
    )
    rows["other_samples"] = rows["other_samples"].fillna(others)
