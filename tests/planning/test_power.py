"""The plan's detectable differences: closed forms, the paper's repeated runs, and simulated studies."""

from collections import Counter
from collections.abc import Callable, Sequence
from io import StringIO
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from clt.cli.console_tables import plan_tables
from clt.planning import Detectable, declared_record, make_plan
from clt.planning.power import (
    CLUSTERING,
    MATHS,
    PAIRING,
    REPEATED_LANGUAGES,
    SUMMARIZATION,
    detectable_differences,
    t_quantile,
)
from clt.statistics.analyses.comparisons.compute import compare
from clt.statistics.analyses.noise.compute import noise_of
from clt.statistics.curve.measure import Kind, Measure
from clt.statistics.curve.measuring import measure
from clt.statistics.curve.run_noise_intervals import with_run_noise
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample
from clt.study import StudyRecord, load_study, resolve

STUDIES = Path(__file__).resolve().parents[2] / "studies"
RecordOf = Callable[..., StudyRecord]
ITEMS_ONLY = ("metrics: [math_answer]", "metrics: [bits_per_byte]")  # a metric whose run-to-run noise is not known
SIMULATIONS = 500


def detectable(record: StudyRecord, task: str = "math") -> Detectable:
    found = [one for one in make_plan(record).detectable if one.task == task]
    assert len(found) == 1
    return found[0]


def paper(name: str) -> StudyRecord:
    path = STUDIES / "paper" / f"{name}.yaml"
    return declared_record(resolve(load_study(path), path.parent))


@pytest.mark.parametrize("items", [50, 250, 2000])
def test_english_with_items_alone_is_the_paired_t_test_of_statsmodels(record_of: RecordOf, items: int) -> None:
    found = detectable(
        record_of(
            (
                'test: {rows: 50, bytes_per_row: 80}\n    prompt: "{question}"',
                f'test: {{rows: {items}, bytes_per_row: 80}}\n    prompt: "{{question}}"',
            ),
            ITEMS_ONLY,
        )
    )
    effect = TTestPower().solve_power(nobs=items, alpha=0.05, power=0.8)
    assert found.english == pytest.approx(effect * sqrt(2 * (1 - PAIRING)), rel=0.01)


@pytest.mark.parametrize("seeds", [2, 3, 4])
def test_english_with_countless_items_is_the_two_sample_t_test_of_statsmodels(record_of: RecordOf, seeds: int) -> None:
    record = record_of(
        ("test: {rows: 50, bytes_per_row: 80}", "test: {rows: 1000000000, bytes_per_row: 80}"),
        ("training:\n", f"seeds: {list(range(seeds))}\ntraining:\n"),
        ("samples_per_language: [0, 10, 20]", "samples_per_language: [0, 20]"),
        ("  - {name: large, parameters: 3000}\n", ""),
    )
    effect = TTestIndPower().solve_power(nobs1=seeds, alpha=0.05, power=0.8)
    assert detectable(record).english == pytest.approx(effect * MATHS[0], rel=0.06)


@pytest.mark.parametrize("df", [2, 3, 5, 10, 100, np.inf])
@pytest.mark.parametrize("p", [0.8, 0.975])
def test_t_quantile_is_scipys(p: float, df: float) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=0.01)


@pytest.mark.parametrize("df", [4, 8, 30])
def test_t_quantile_holds_for_many_comparisons(df: float) -> None:
    assert t_quantile(1 - 0.025 / 36, df) == pytest.approx(stats.t.ppf(1 - 0.025 / 36, df), rel=0.02)


def test_run_noise_is_that_of_the_papers_repeated_runs() -> None:
    every = list(curves(read_scores(STUDIES / "paper" / "scores.csv").rows))
    noise = {(one.task, one.measure): one for one in noise_of(every, find_run_noise(every))}
    for task, (one, mean) in {"math": MATHS, "summarization": SUMMARIZATION}.items():
        assert noise[task, "language"].sd.value == pytest.approx(one, rel=0.05)
        assert noise[task, "non_english"].sd.value == pytest.approx(mean, rel=0.05)
        assert noise[task, "non_english"].df == 2
    assert len(every[0].roles.languages) - 1 == REPEATED_LANGUAGES


def test_items_are_those_of_the_language_that_has_fewest() -> None:
    found = {(one.task, one.metric): one for one in make_plan(paper("single_task")).detectable}
    assert found["summarization", "rouge_l"].items == 550
    limited = declared_record(load_study(STUDIES / "paper" / "single_task.yaml").limited(40))
    assert {one.items for one in make_plan(limited).detectable} == {40}


def test_roles_are_counted_and_curves_that_are_alike_share_an_entry() -> None:
    found = [one for one in make_plan(paper("script_ablation")).detectable if one.task == "math"]
    assert [(one.trained_languages, one.held_out_languages, one.curves) for one in found] == [(2, 5, 2)]


def test_comparisons_are_those_that_the_report_makes_of_each_kind() -> None:
    rows = read_scores(STUDIES / "paper" / "scores.csv").rows
    single = list(curves(rows[(rows["setting"] == "single_task") & (rows["train_languages"] == "en+es+fr+ja+zh")]))
    made = Counter(comparison.kind for comparison in compare(single, find_run_noise(single)))
    assert made == {"size": 12, "family": 12, "model": 12}  # a pair of models each, 3 tasks, 4 measures
    planned = {each.task: each.comparisons for each in make_plan(paper("single_task")).detectable if each.between}
    assert set(planned.values()) == {max(made.values())}


@pytest.mark.parametrize(
    ("single", "multi", "comparisons"),
    [
        ("{name: a, english_samples: 100", "{name: b, english_samples: 100", 8),  # one pair in two tasks
        ("{name: a, english_samples: 100", "{name: b, design: fixed_budget, english_samples: 100", 0),
        ("{name: a, english_samples: 100", "{name: b, english_samples: 50", 0),
    ],
)
def test_settings_are_compared_on_the_same_rows_as_in_the_report(
    record_of: RecordOf, single: str, multi: str, comparisons: int
) -> None:
    record = record_of(
        ("  - {name: large, parameters: 3000}\n", ""),
        (
            "  - name: main\n    english_samples: 100\n    samples_per_language: [0, 10, 20]\n",
            f"  - {single}, samples_per_language: [0, 10, 20], settings: [single_task]}}\n"
            f"  - {multi}, samples_per_language: [0, 10, 20], settings: [multi_task]}}\n",
        ),
    )
    assert {one.comparisons for one in detectable_differences(record)} == {comparisons}


def test_mixtures_that_both_settings_have_are_compared_with_themselves(record_of: RecordOf) -> None:
    record = record_of(
        ("  - {name: large, parameters: 3000}\n", ""),
        (
            "  - name: main\n    english_samples: 100\n    samples_per_language: [0, 10, 20]\n",
            "  - {name: a, english_samples: 100, samples_per_language: [0, 10], settings: [single_task, multi_task]}\n"
            "  - {name: b, english_samples: 100, samples_per_language: [0, 10], settings: [single_task, multi_task]}\n",
        ),
    )
    assert {one.comparisons for one in detectable_differences(record)} == {2 * 2 * 4}  # mixtures, tasks, measures


def test_more_items_seeds_and_languages_find_smaller_differences(record_of: RecordOf) -> None:
    one = detectable(record_of())
    items = detectable(record_of(("test: {rows: 50, bytes_per_row: 80}", "test: {rows: 100, bytes_per_row: 80}")))
    seeds = detectable(record_of(("training:\n", "seeds: [0, 1]\ntraining:\n")))
    many = detectable(record_of(("training:\n", "seeds: [0, 1, 2, 3, 4, 5]\ntraining:\n")))
    assert (
        one.trained is not None and items.trained is not None and seeds.trained is not None and many.trained is not None
    )
    assert one.english is not None and one.trained < one.english
    assert items.trained < one.trained
    assert many.trained < seeds.trained < one.trained


def test_only_a_study_without_a_second_seed_is_warned_of_chance(record_of: RecordOf) -> None:
    assert detectable(record_of()).chance == pytest.approx(1.96 * sqrt(2) * 0.0222, rel=0.01)
    assert detectable(record_of(("training:\n", "seeds: [0, 1]\ntraining:\n"))).chance is None
    assert detectable(record_of(ITEMS_ONLY)).chance is None  # nothing is known about it


def test_what_is_not_there_cannot_be_found(record_of: RecordOf) -> None:
    one = detectable(
        record_of(
            ("samples_per_language: [0, 10, 20]", "samples_per_language: [10, 20]"),
            ("  - {name: large, parameters: 3000}\n", ""),
        )
    )
    assert (one.trained, one.held_out, one.english, one.between, one.chance) == (None, None, None, None, None)
    all_trained = record_of(("train: [es, ja]", "train: [es, ja, ko]"))
    assert detectable(all_trained).held_out is None and detectable(all_trained).held_out_languages == 0


def simulated(
    generator: np.random.Generator, metric: str, effects: Sequence[Sequence[float]], seeds: int, shift: float = 0.0
) -> list[CurveData]:
    """Curves of a made-up study of 50 items; effects (curves, n): what is added to every score, `shift` the run's."""
    sd = 1.0 if metric == "bits_per_byte" else 0.5
    spread = np.linalg.cholesky(CLUSTERING * np.ones((4, 4)) + (1 - CLUSTERING) * np.eye(4))
    shared = generator.normal(size=(50, 1, 4)) @ spread.T  # what every run has in common
    found = []
    for number, effect in enumerate(effects):
        own = generator.normal(size=(seeds, 50, len(effect), 4)) @ spread.T
        scores = sd * (sqrt(PAIRING) * shared + sqrt(1 - PAIRING) * own) + np.array(effect)[:, None]
        scores += shift * generator.normal(size=(seeds, 1, len(effect), 1))
        found.append(_curve(str(number), metric, scores))
    return found


def _curve(model: str, metric: str, scores: np.ndarray) -> CurveData:
    seeds, items, points, _ = scores.shape
    names = {"study": "made", "task": "math", "metric": metric, "model": model, "setting": "single_task"}
    return CurveData(
        identity=names | {"mixture": "main", "train_languages": "en+es+ja"},
        family="",
        size=None,
        higher_is_better=metric != "bits_per_byte",
        roles=Roles(english="en", trained=("es", "ja"), held_out=("ko",)),
        has_base=False,
        sample_sizes=(0, 10, 20)[:points],
        rows=((None, None),) * points,
        exposure=({},) * points,
        runs=tuple(str(seed) for seed in range(seeds)),
        left_out_runs=(),
        sample=Sample(
            items=tuple(f"item-{k:03d}" for k in range(items)),
            scores=scores,
            mask=np.ones((items, 4), dtype=bool),
            present=np.ones((points, 4), dtype=bool),
        ),
        has_items=True,
        available={},
    )


@pytest.mark.simulation
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("metric", "seeds", "least", "most"),
    [
        ("bits_per_byte", 1, 0.75, 0.85),  # nothing but items
        ("math_answer", 3, 0.72, 0.87),
        ("math_answer", 5, 0.72, 0.87),
    ],
)
def test_a_change_of_the_detectable_size_is_found_four_times_in_five(
    record_of: RecordOf, metric: str, seeds: int, least: float, most: float
) -> None:
    record = record_of(
        ("metrics: [math_answer]", f"metrics: [{metric}]"),
        ("training:\n", f"seeds: {list(range(seeds))}\ntraining:\n"),
        ("samples_per_language: [0, 10, 20]", "samples_per_language: [0, 10]"),
        ("  - {name: large, parameters: 3000}\n", ""),
    )
    size, shift = detectable(record).trained, 0.0 if metric == "bits_per_byte" else MATHS[1]
    assert size is not None
    generator = np.random.default_rng(seeds)
    found = []
    for _ in range(SIMULATIONS):
        curve = simulated(generator, metric, [[0.0, size]], seeds, shift)[0]
        measured = with_run_noise(measure(curve), curve, find_run_noise([curve]))
        found.append(measured.low[Measure(Kind.CHANGE, "trained")][1] > 0)
    assert least <= np.mean(found) <= most, f"{np.mean(found):.3f}"


@pytest.mark.simulation
@pytest.mark.timeout(900)
def test_a_difference_of_curves_of_the_detectable_size_is_found_four_times_in_five(record_of: RecordOf) -> None:
    one = detectable(record_of(ITEMS_ONLY))
    assert one.between is not None and one.comparisons == 8  # two tasks, four measures
    generator = np.random.default_rng(1)
    found = []
    for _ in range(SIMULATIONS):
        made = simulated(generator, "bits_per_byte", [[0.0] * 3, [one.between] * 3], 1)
        compared = next(c for c in compare(made, find_run_noise(made)) if c.measure == "non_english")
        assert compared.p is not None
        found.append(compared.p <= 0.05 / one.comparisons)
    assert 0.75 <= np.mean(found) <= 0.85, f"{np.mean(found):.3f}"


def test_a_difference_beyond_the_metrics_range_is_flagged(record_of: RecordOf) -> None:
    few = detectable(record_of(("test: {rows: 50, bytes_per_row: 80}", "test: {rows: 1, bytes_per_row: 80}")))
    assert few.is_beyond_range(few.english) and not few.is_beyond_range(None)
    many = detectable(record_of(("test: {rows: 50, bytes_per_row: 80}", "test: {rows: 500, bytes_per_row: 80}")))
    assert not many.is_beyond_range(many.english)
    unbounded = detectable(record_of(ITEMS_ONLY, ("test: {rows: 50", "test: {rows: 1")))
    assert not unbounded.is_beyond_range(unbounded.english)


def test_the_plan_marks_what_no_study_could_find_and_curves_without_n_0(record_of: RecordOf) -> None:
    plan = make_plan(record_of(("test: {rows: 50, bytes_per_row: 80}", "test: {rows: 1, bytes_per_row: 80}")))
    out = Console(width=200, record=True, file=StringIO())
    for part in plan_tables(plan):
        out.print(part)
    text = out.export_text()
    assert " pts !" in text and "larger than the metric's whole range" in text
    notes = make_plan(record_of(("[0, 10, 20]", "[10, 20]"))).notes
    assert any(note.startswith("no n = 0 in small, main; large, main: ") for note in notes)
    assert not any("no n = 0" in note for note in plan.notes)
