"""Tables of scores with gaps, contradictions and extremes: refused by line, or computed as far as possible."""

import json
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from clt.errors import DataError
from clt.statistics.compute import compute_statistics
from clt.statistics.document import Statistics
from clt.statistics.scores import csv_columns, csv_file
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.table import ScoreTable, checksum

HEADER = "model,setting,task,train_languages,samples_per_language,language,score"
LANGUAGES = ("en", "es", "pt")
Row = dict[str, object]


def grid(
    *, counts: Sequence[int] = (0, 10, 20), seeds: Sequence[int] = (0,), items: Iterable[str] | None = None
) -> list[Row]:
    """Rows of one complete curve, of means or of right-or-wrong items, with scores that differ."""
    generator = np.random.default_rng(0)
    rows: list[Row] = []
    for n, seed, language, item in product(counts, seeds, LANGUAGES, items or ("",)):
        score = generator.integers(2) if items else round(0.3 + generator.random() / 3, 3)
        rows.append(
            {"model": "small", "setting": "single", "task": "math", "train_languages": "en+es",
             "samples_per_language": n, "language": language, "score": score, "seed": seed, "item": item}
        )  # fmt: skip
    return rows


def write(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "scores.csv"
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(str(row.get(name, "")) for name in names) for row in rows]
    path.write_text("\n".join([",".join(names), *lines]) + "\n", encoding="utf-8")
    return path


def computed(table: ScoreTable) -> Statistics:
    """The statistics, which have to be JSON without NaN."""
    found = compute_statistics(table)
    json.dumps(found.model_dump(mode="json"), allow_nan=False)
    return found


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_scores(path)
    return str(error.value).removeprefix(str(path))


# Text that is no table


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the file is empty, expected a header with model, setting"),
        (b"\n\n", ": the file is empty"),
        (HEADER.encode(), ": got a header and no rows"),
        (HEADER.encode() + b"\n", ": got a header and no rows"),
        (b"\n" + HEADER.replace("score", "points").encode() + b"\n", ":2: no column score; got model, setting"),
        (HEADER.replace(",", ";").encode() + b"\n", ":1: no column model, .*separated by commas"),
        (HEADER.encode() + b",task\n", ":1: got the column task twice"),
        (b"," + HEADER.encode() + b"\n", ":1: column 1 has no name"),
        (HEADER.encode("utf-16"), ":1: got the byte 0xff, which is not UTF-8"),
        (HEADER.encode() + b"\nm\xe9,single,math,en+es,0,en,0.5\n", ":2: got the byte 0xe9, which is not UTF-8"),
        (HEADER.encode() + b"\n\nsmall,single,math,en+es,0,en\n", ":3: got 6 fields, expected 7 as in the header"),
        (HEADER.encode() + b"\nsmall,single,math,en+es,1,000,en,0.5\n", ":2: got 8 fields, .*without thousands"),
        (HEADER.encode() + b'\nsmall,single,"math,en+es,0,en,0.5\n', ":2: got 3 fields, .*close every quote"),
    ],
)
def test_a_text_that_is_no_table_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_scores(path)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    assert "cannot be read (Is a directory)" in refusal(tmp_path)


def test_spaces_blank_lines_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, grid())
    plain = read_scores(path).rows
    text = path.read_text().replace(",", " , ").replace("\n", "\r\n\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert checksum(read_scores(path).rows) == checksum(plain)


def test_lines_are_right_after_quoted_line_breaks_and_beyond_the_first_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 1 << 12)
    rows = grid(items=[f"{k:04d}" for k in range(300)])
    rows[0]["note"] = '"two\nlines"'
    rows[-1]["score"] = "0,5"
    path = write(tmp_path, rows)
    path.write_text(path.read_text().replace("0,5", '"0,5"'))
    assert len(rows) == 2700
    assert refusal(path).startswith(":2702: score: got '0,5', expected a finite number such as 0.75, with a point")
    rows[-1] = rows[-1] | {"score": 1, "language": "xx-"}
    assert refusal(write(tmp_path, rows)).startswith(":2702: language: got 'xx-'")


# Values


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"score": "inf"}, "score: got 'inf', expected a finite number"),
        ({"score": "1_0"}, "score: got '1_0', expected a finite number"),
        ({"score": "٠٫٥"}, "score: got '٠٫٥', expected a finite number"),
        ({"score": "50%"}, "score: got '50%', expected a finite number"),
        ({"samples_per_language": 2.5}, "samples_per_language: got '2.5', expected a whole number, 0 or more"),
        ({"samples_per_language": ""}, "samples_per_language: got '', expected a whole number, 0 or more"),
        ({"language": "quatsch"}, "language: got 'quatsch', expected a lower-case ISO 639"),
        ({"language": "eng"}, "language: got 'eng', expected 'en', the code of English in train_languages"),
        ({"train_languages": "es+en"}, "train_languages: got 'es+en', expected language codes .* English first"),
        ({"train_languages": "es+fr"}, "train_languages: got 'es+fr', expected language codes .* English first"),
        ({"train_languages": "en+en-gb"}, "train_languages: got 'en+en-gb', expected language codes"),
        ({"train_languages": "en-gb+es"}, "train_languages: got 'en-gb+es', expected 'en' first"),
        ({"n_items": 0}, "n_items: got '0', expected a whole number, 1 or more"),
        ({"n_items": 12.5}, "n_items: got '12.5', expected a whole number, 1 or more"),
        ({"size": "8x7B"}, "size: got '8x7B', expected a number of parameters such as 7000000000, 7B or 350M"),
        ({"size": "7"}, "size: got '7', expected a number of parameters"),
        ({"checkpoint": -5}, "checkpoint: got '-5', expected a whole number"),
        ({"higher_is_better": "yes"}, "higher_is_better: got 'yes', expected true or false"),
        ({"selected": ""}, "selected: got '', expected true or false"),
        ({"exposure": "seen"}, "exposure: got 'seen', expected english, seen or unseen as train_languages"),
        ({"metric": "bits_per_byte", "higher_is_better": "true"}, "higher_is_better: got 'true', expected true, or"),
        ({"metric": "rouge_l", "score": 31.4}, "score: got '31.4', expected between 0 and 1, the range of rouge_l"),
    ],
)
def test_a_value_that_cannot_be_understood_is_refused_with_line_and_column(
    tmp_path: Path, changed: Row, message: str
) -> None:
    rows = grid()
    rows = [row | {name: changed[name] for name in changed if name == "metric"} for row in rows]
    rows[2] |= changed
    others = {"selected": "true"} if "selected" in changed else {}
    first, _, last = message.partition(" .* ")
    found = refusal(write(tmp_path, [others | row for row in rows]))
    assert found.startswith(":4: " + first) and last in found


@pytest.mark.parametrize(
    ("text", "number"), [("7B", 7e9), ("350m", 3.5e8), ("1.5 B", 1.5e9), ("7e9", 7e9), ("124000", 124000)]
)
def test_a_size_may_be_a_label(tmp_path: Path, text: str, number: float) -> None:
    table = read_scores(write(tmp_path, [row | {"size": text} for row in grid()]))
    assert set(table.rows["size"]) == {number}
    assert next(curves(table.rows)).size == number


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"samples_per_language": 0}, "samples_per_language: got '0', expected nothing: a base model is not trained"),
        (
            {"train_languages": "en+es"},
            "train_languages: got 'en+es', expected 'en' alone: a base model is not trained",
        ),
    ],
)
def test_a_base_model_has_no_mixture(tmp_path: Path, changed: Row, message: str) -> None:
    base = {"setting": "base", "train_languages": "en", "samples_per_language": ""}
    rows = grid()
    good = [row | base for row in rows[:3]]
    assert next(curves(read_scores(write(tmp_path, rows + good)).rows)).has_base
    assert refusal(write(tmp_path, [*rows, *good[:2], good[2] | changed])).startswith(f":13: {message}")


@pytest.mark.filterwarnings("error")
def test_base_models_alone_are_no_curve(tmp_path: Path) -> None:
    base = {"setting": "base", "train_languages": "en", "samples_per_language": ""}
    table = read_scores(write(tmp_path, [row | base for row in grid(counts=(0,))]))
    found = computed(table)
    assert not table.missing and not found.curves and len(found.bases) == 1


# Values that contradict others


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("family", ("a", "b"), "got 'b', expected the same as in line 2: a model has one family"),
        ("size", ("7B", "8B"), "got '8B', expected the same as in line 2: a model has one size"),
        ("size", ("7B", ""), "got '', expected the same as in line 2: a model has one size"),
        ("higher_is_better", ("true", "false"), "got 'false', expected the same as in line 2: a metric has one"),
        ("metric", ("accuracy", ""), "got '', expected the same as in line 2: all scores of a task name it, or none"),
        ("item", ("one", ""), "got '', expected the same as in line 2: all scores of a model and task are of items"),
        ("checkpoint", ("100", ""), "got '', expected the same as in line 2: all scores of a run name their"),
        ("english_samples", ("100", "200"), "got '200', expected the same as in line 2: a mixture has one number"),
    ],
)
def test_two_values_of_one_fact_are_refused(tmp_path: Path, column: str, values: tuple[str, str], message: str) -> None:
    rows = grid()
    for row in rows:
        row[column] = values[0]
    rows[2][column] = values[1]
    assert refusal(write(tmp_path, rows)).startswith(f":4: {column}: {message}")


def test_two_metrics_of_a_task_without_names_are_refused_as_duplicates(tmp_path: Path) -> None:
    rows = grid()
    found = refusal(write(tmp_path, [*rows, rows[1] | {"score": 4.5}]))
    assert found.startswith(":11: this score stands in line 3 already") and "`metric` for another metric" in found
    named = [row | {"metric": "a"} for row in rows] + [row | {"metric": "b"} for row in rows]
    table = read_scores(write(tmp_path, named))
    assert table.main_metrics == {"math": "a"} and len(computed(table).curves) == 2


def test_items_that_never_recur_are_refused(tmp_path: Path) -> None:
    rows = grid(items=["a", "b"])
    for number, row in enumerate(rows):
        row["item"] = number
    assert refusal(write(tmp_path, rows)).startswith(":2: item: got '0', expected an id that the item has at every n")


# Checkpoints


def with_checkpoints(rows: Sequence[Row]) -> list[Row]:
    return [row | {"checkpoint": step, "score": row["score"] if step == 200 else 0.01}
            for row in rows for step in (100, 200, 50)]  # fmt: skip


def test_the_last_checkpoint_of_a_run_is_the_selected_one_and_the_others_are_kept_apart(tmp_path: Path) -> None:
    plain = computed(read_scores(write(tmp_path, grid()))).curves
    table = read_scores(write(tmp_path, with_checkpoints(grid())))
    assert set(table.rows["checkpoint"]) == {200} and table.rows["selected"].all()
    assert sorted(set(table.checkpoints["checkpoint"])) == [50, 100] and not table.checkpoints["selected"].any()
    assert list(table.checkpoints) == list(table.rows) and len(table.checkpoints) == 2 * len(table.rows)
    assert computed(table).curves == plain


def test_a_column_tells_the_selected_checkpoint(tmp_path: Path) -> None:
    rows = [row | {"selected": row["checkpoint"] == 100} for row in with_checkpoints(grid())]
    table = read_scores(write(tmp_path, rows))
    assert set(table.rows["checkpoint"]) == {100} and not table.missing
    rows[4]["selected"] = True
    found = refusal(write(tmp_path, rows))
    assert found.startswith(":6: selected: got a second selected checkpoint of a run, expected only that of line 2")
    rows = [row | {"selected": False} for row in grid()]
    assert refusal(write(tmp_path, rows)).startswith(":2: selected: got 'False', expected true in the rows of one")


def test_a_run_without_a_selected_checkpoint_is_missing_and_says_so(tmp_path: Path) -> None:
    rows = [row | {"selected": row["samples_per_language"] != 10} for row in grid()]
    table = read_scores(write(tmp_path, rows))
    assert [(one.cell, one.error) for one in table.missing] == [
        ("math/score/small/single_task/en+es/n=10/seed=0", "no checkpoint of this run is selected")
    ]
    assert [point.samples_per_language for point in computed(table).curves[0].points] == [0, 20]


def test_a_metric_that_stops_earlier_keeps_its_own_last_checkpoint(tmp_path: Path) -> None:
    rows = [row | {"metric": "score", "checkpoint": 100} for row in grid()]
    rows += [row | {"metric": "loss", "checkpoint": step} for row in grid() for step in (100, 200)]
    table = read_scores(write(tmp_path, rows))
    assert {(metric, step) for metric, step in zip(table.rows["metric"], table.rows["checkpoint"], strict=True)} == {
        ("score", 100),
        ("loss", 200),
    }


# Missing cells


def test_a_complete_table_misses_nothing_and_a_repeat_is_not_expected_elsewhere(tmp_path: Path) -> None:
    rows = [row | {"repeat": ""} for row in grid(seeds=(0, 1))]
    rows += [row | {"repeat": "again"} for row in grid(counts=(0,))]
    assert read_scores(write(tmp_path, rows)).missing == ()


def test_missing_cells_are_named_and_the_rest_is_computed(tmp_path: Path) -> None:
    rows = [
        row
        for row in grid(seeds=(0, 1, 2), items=["a", "b", "c"])
        if (row["samples_per_language"], row["seed"]) != (10, 1)
        and (row["samples_per_language"], row["seed"], row["language"]) != (20, 2, "pt")
    ]
    table = read_scores(write(tmp_path, rows))
    curve = "math/score/small/single_task/en+es"
    assert [one.cell for one in table.missing] == [f"{curve}/n=10/seed=1", f"{curve}/n=20/seed=2/pt"]
    found = computed(table)
    assert found.curves[0].runs == ["0"] and found.curves[0].left_out_runs == ["1", "2"]
    assert all(point.unseen.value is not None for point in found.curves[0].points)
    assert found.missing_cells == list(table.missing)


def test_a_language_without_a_score_at_one_n_leaves_the_other_points(tmp_path: Path) -> None:
    rows = [row for row in grid() if (row["samples_per_language"], row["language"]) != (10, "pt")]
    table = read_scores(write(tmp_path, rows))
    assert [one.cell for one in table.missing] == ["math/score/small/single_task/en+es/n=10/seed=0/pt"]
    points = computed(table).curves[0].points
    assert [point.unseen.value is None for point in points] == [False, True, False]
    assert points[1].unseen.reason == "a language has no score at this point"
    assert points[1].seen.value is not None


def test_a_trained_language_that_is_never_scored_is_named_and_in_no_average(tmp_path: Path) -> None:
    rows = [row | {"train_languages": "en+es+sw"} for row in grid()]
    table = read_scores(write(tmp_path, rows))
    assert [one.cell.rpartition("/")[2] for one in table.missing] == ["sw"] * 3
    curve = computed(table).curves[0]
    assert curve.train_languages == ["en", "es", "sw"]
    assert all(point.seen.value == point.per_language["es"].value is not None for point in curve.points)
    assert all(point.per_language["sw"].value is None for point in curve.points)


# Awkward but right


def test_languages_with_different_items_use_all_of_their_own_and_show_the_common_ones(tmp_path: Path) -> None:
    items = [f"{k:03d}" for k in range(250)]
    rows = [row for row in grid(items=items) if row["language"] != "pt" or str(row["item"]) < "125"]
    found = computed(read_scores(write(tmp_path, rows))).curves[0].items
    assert found is not None and not found.shared and (found.clusters, found.common) == (250, 125)
    assert found.used == found.available == {"en": 250, "es": 250, "pt": 125}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scores", [None, 0, 1], ids=["mixed", "all wrong", "all right"])
@pytest.mark.parametrize("items", [None, ["one"], ["one", "two", "three"]], ids=["means", "one item", "three items"])
def test_one_seed_one_item_and_constant_scores_end_in_json(
    tmp_path: Path, items: list[str] | None, scores: int | None
) -> None:
    rows = grid(items=items)
    for row in rows:
        row["score"] = row["score"] if scores is None else scores
    curve = computed(read_scores(write(tmp_path, rows))).curves[0]
    if scores == 0:
        assert curve.points[1].relative.value is None
        assert curve.points[1].relative.reason == "the English score is 0, or 0 is inside its interval"
    if scores == 1 and items is None:
        assert curve.points[1].relative.value == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kept", [("en",), ("es",), ("pt",), ("en", "es"), ("es", "pt")])
def test_few_languages_and_one_point_end_in_json(tmp_path: Path, kept: tuple[str, ...]) -> None:
    rows = [row for row in grid() if row["language"] in kept]
    assert len(computed(read_scores(write(tmp_path, rows))).curves) == 1
    one = [row for row in rows if row["samples_per_language"] == 10]
    assert len(computed(read_scores(write(tmp_path, one))).curves[0].points) == 1


def test_the_order_of_rows_and_columns_changes_nothing(tmp_path: Path) -> None:
    rows = [row | {"model": model} for row in grid(seeds=(0, 1), items=["a", "b"]) for model in ("x", "y")]
    plain = read_scores(write(tmp_path, rows))
    order = np.random.default_rng(1).permutation(len(rows))
    shuffled = read_scores(write(tmp_path, [dict(reversed(rows[k].items())) for k in order]))
    assert checksum(plain.rows) == checksum(shuffled.rows)
    one, other = (computed(table).model_dump(exclude={"provenance"}) for table in (plain, shuffled))
    assert one == other


def test_a_further_column_with_many_values_is_let_go_only_beside_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_columns, "FURTHER_VALUES", 20)
    rows = grid(items=[f"{k:03d}" for k in range(9)])
    for number, row in enumerate(rows):
        row |= {"answer": f"text {number}", "host": "a" if number < 40 else "b"}
    table = read_scores(write(tmp_path, rows)).rows
    assert table["answer"].isna().all() and set(table["host"]) == {"a", "b"}
    means = [{name: value for name, value in row.items() if name != "item"} for row in rows[::9]]
    assert list(read_scores(write(tmp_path, means)).rows["answer"]) == [f"text {k}" for k in range(0, 81, 9)]
