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
from clt.planning.contrast_family import contrast_family
from clt.planning.planned_curves import PlannedCurve, planned_curves, run_noise_df
from clt.planning.power import (
    CLUSTERING,
    PAIRING,
    Noise,
)
from clt.planning.quantiles import maximum_modulus, t_quantile
from clt.planning.run_noise import COMMON_SD, LANGUAGE_SD, PRIOR_DF
from clt.statistics.family import change_key, resolved
from clt.statistics.family.member import design_of
from clt.statistics.inference.run_noise import find_run_noise
from clt.statistics.scores.curve_data import CurveData, curves
from clt.statistics.scores.from_csv import read_scores
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.sample import Sample
from clt.study import StudyRecord, load_study, resolve
from tests.statistics.conftest import family_of
from tests.statistics.family.null_studies import NullStudy, table_of

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
def test_one_contrast_of_items_alone_is_the_paired_t_test_of_statsmodels(items: int) -> None:
    found = Noise("bits_per_byte", items, 0, is_repeated=False).detectable(1, (1, 1), 1)
    effect = TTestPower().solve_power(nobs=items, alpha=0.05, power=0.8)
    assert found == pytest.approx(effect * sqrt(2 * (1 - PAIRING)), rel=0.01)


@pytest.mark.parametrize("seeds", [4, 6, 10])
def test_one_contrast_of_countless_items_is_the_two_sample_t_test_of_statsmodels(seeds: int) -> None:
    found = Noise("math_answer", 10**9, 2 * (seeds - 1), is_repeated=True).detectable(1, (seeds, seeds), 1)
    effect = TTestIndPower().solve_power(nobs1=seeds, alpha=0.05, power=0.8)
    assert found == pytest.approx(effect * 0.25 * sqrt(COMMON_SD**2 + LANGUAGE_SD**2), rel=0.03)


@pytest.mark.parametrize("df", [6, 16, 100])
@pytest.mark.parametrize("contrasts", [1, 20, 144])
def test_the_maximum_modulus_is_that_of_many_draws(contrasts: int, df: int) -> None:
    generator = np.random.default_rng(1)
    largest = np.abs(generator.normal(size=(20_000, contrasts))).max(axis=1)
    largest /= np.sqrt(generator.chisquare(df, 20_000) / df)
    assert maximum_modulus(contrasts, df) == pytest.approx(np.quantile(largest, 0.95), rel=0.02)


@pytest.mark.parametrize("df", [2, 3, 5, 10, 100, np.inf])
@pytest.mark.parametrize("p", [0.8, 0.975])
def test_t_quantile_is_scipys(p: float, df: float) -> None:
    assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=0.01)


def test_noise_between_runs_is_told_by_seeds_by_neighbouring_n_or_by_the_paper(record_of: RecordOf) -> None:
    many = ("samples_per_language: [0, 10, 20]", "samples_per_language: [0, 10, 20, 30, 40, 50, 60, 70]")

    def df(*changes: tuple[str, str]) -> int:
        return run_noise_df([curve for curve in planned_curves(record_of(*changes)) if curve.task == "math"])

    assert df() == 0 < PRIOR_DF  # two models, too few n: the paper's runs stand for it
    assert df(many) == 2 * 2  # two models, two triples of n each
    assert df(many, ("training:\n", "seeds: [0, 1]\ntraining:\n")) == 2 * 8


def test_items_are_those_of_the_language_that_has_fewest() -> None:
    found = {(one.task, one.metric): one for one in make_plan(paper("single_task")).detectable}
    assert found["summarization", "rouge_l"].items == 550
    limited = declared_record(load_study(STUDIES / "paper" / "single_task.yaml").limited(40))
    assert {one.items for one in make_plan(limited).detectable} == {40}


def test_roles_are_counted_and_curves_that_are_alike_share_an_entry() -> None:
    found = [one for one in make_plan(paper("script_ablation")).detectable if one.task == "math"]
    assert [(one.trained_languages, one.held_out_languages, one.curves) for one in found] == [(2, 5, 2)]


def test_contrasts_are_those_that_the_report_judges() -> None:
    rows = read_scores(STUDIES / "paper" / "scores.csv").rows
    single = list(curves(rows[(rows["setting"] == "single_task") & (rows["train_languages"] == "en+es+fr+ja+zh")]))
    family = family_of(single, find_run_noise(single))
    made = Counter(key.kind for key in family.noises)
    assert made == {"change": 9 * 5, "mixture": 9 * 7, "comparison": 9 * 4}
    assert {one.contrasts for one in make_plan(paper("single_task")).detectable if one.between} == {len(family)}


@pytest.mark.parametrize("seeds", [1, 2, 3])
@pytest.mark.parametrize("train", [(("es", "ja"),), (("es", "ja"), ("fr", "zh"), ("pt", "ko"))])
def test_degrees_of_freedom_are_those_that_the_report_pools(seeds: int, train: tuple[tuple[str, ...], ...]) -> None:
    """English-only runs stand in every curve of a model, and count once."""
    study = NullStudy(models=2, train=train, seeds=seeds, items=5)
    made = list(curves(table_of(study, 0)))
    planned = [PlannedCurve(design=design_of(data), seeds=len(data.runs)) for data in made]
    pooled = find_run_noise(made).pooled_sd_over(made[0], ("es", "ja"))
    assert pooled is not None and run_noise_df(planned) == pooled.df


def comparisons(record: StudyRecord) -> int:
    designs = [curve.design for curve in planned_curves(record)]
    return sum(member.kind == "comparison" for member in contrast_family(designs))


@pytest.mark.parametrize(
    ("single", "multi", "expected"),
    [
        ("{name: a, english_samples: 100", "{name: b, english_samples: 100", 8),  # one pair in two tasks
        ("{name: a, english_samples: 100", "{name: b, design: fixed_budget, english_samples: 100", 0),
        ("{name: a, english_samples: 100", "{name: b, english_samples: 50", 0),
    ],
)
def test_settings_are_compared_on_the_same_rows_as_in_the_report(
    record_of: RecordOf, single: str, multi: str, expected: int
) -> None:
    record = record_of(
        ("  - {name: large, parameters: 3000}\n", ""),
        (
            "  - name: main\n    english_samples: 100\n    samples_per_language: [0, 10, 20]\n",
            f"  - {single}, samples_per_language: [0, 10, 20], settings: [single_task]}}\n"
            f"  - {multi}, samples_per_language: [0, 10, 20], settings: [multi_task]}}\n",
        ),
    )
    assert comparisons(record) == expected


def test_mixtures_that_both_settings_have_are_compared_with_themselves(record_of: RecordOf) -> None:
    record = record_of(
        ("  - {name: large, parameters: 3000}\n", ""),
        (
            "  - name: main\n    english_samples: 100\n    samples_per_language: [0, 10, 20]\n",
            "  - {name: a, english_samples: 100, samples_per_language: [0, 10], settings: [single_task, multi_task]}\n"
            "  - {name: b, english_samples: 100, samples_per_language: [0, 10], settings: [single_task, multi_task]}\n",
        ),
    )
    # two tasks and four measures: each mixture in both settings, and the mixtures of each setting with one another
    assert comparisons(record) == 2 * 4 * (2 + 2)


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
    assert detectable(record_of()).chance == pytest.approx(
        1.96 * sqrt(2) * 0.25 * sqrt(COMMON_SD**2 + LANGUAGE_SD**2 / 2), rel=0.01
    )
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
@pytest.mark.parametrize(("metric", "seeds"), [("bits_per_byte", 1), ("math_answer", 3), ("math_answer", 5)])
def test_a_change_of_the_detectable_size_is_found_four_times_in_five(
    record_of: RecordOf, metric: str, seeds: int
) -> None:
    record = record_of(
        ("metrics: [math_answer]", f"metrics: [{metric}]"),
        ("training:\n", f"seeds: {list(range(seeds))}\ntraining:\n"),
        ("samples_per_language: [0, 10, 20]", "samples_per_language: [0, 10]"),
        ("  - {name: large, parameters: 3000}\n", ""),
    )
    size, shift = detectable(record).trained, 0.0 if metric == "bits_per_byte" else 0.25 * COMMON_SD
    assert size is not None
    generator = np.random.default_rng(seeds)
    found = []
    for _ in range(SIMULATIONS):
        curve = simulated(generator, metric, [[0.0, size]], seeds, shift)[0]
        verdict = family_of([curve], find_run_noise([curve])).verdict(change_key(curve.id, "trained"))
        found.append(resolved(verdict))
    assert 0.75 <= np.mean(found) <= 0.99, f"{np.mean(found):.3f}"


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
