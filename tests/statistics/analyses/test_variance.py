"""The analysis of variance against the paper's tables and statsmodels, held-out fits, and components of variance."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm
import statsmodels.formula.api as smf

from clt.statistics.analyses.variance.compute import variances
from clt.statistics.analyses.variance.design import design_of, terms_of
from clt.statistics.analyses.variance.schema import Variance
from clt.statistics.compute import compute_statistics
from clt.statistics.curve.responses import responses
from clt.statistics.inference.cross_validation import _fold, cross_validate, permutation_p
from clt.statistics.inference.sums_of_squares import MOST_COLUMNS, split
from clt.statistics.inference.variance_components import variance_components
from clt.statistics.scores.curve_data import curves
from clt.statistics.scores.from_csv import read_scores

SCORES = Path(__file__).resolve().parents[3] / "studies" / "paper" / "scores.csv"
LEVELS = (3, 2, 4)
MakeRows = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def paper() -> list[Variance]:
    return variances(list(curves(read_scores(SCORES).rows)))


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(7)


def full_grid(replicates: int) -> np.ndarray:
    grid = np.indices(LEVELS).reshape(len(LEVELS), -1).T
    return np.repeat(grid, replicates, axis=0)


def of_statsmodels(codes: np.ndarray, values: np.ndarray, formula: str) -> pd.DataFrame:
    frame = pd.DataFrame(codes, columns=["a", "b", "c"]).assign(y=values)
    return sm.stats.anova_lm(smf.ols(formula, frame).fit(), typ=2)


ALL_TERMS = "y ~ C(a, Sum) * C(b, Sum) * C(c, Sum)"
NAMES = {
    (0,): "C(a, Sum)",
    (1,): "C(b, Sum)",
    (2,): "C(c, Sum)",
    (0, 1): "C(a, Sum):C(b, Sum)",
    (0, 2): "C(a, Sum):C(c, Sum)",
    (1, 2): "C(b, Sum):C(c, Sum)",
    (0, 1, 2): "C(a, Sum):C(b, Sum):C(c, Sum)",
}


def test_shares_of_relative_performance_are_those_of_the_papers_tables(paper: list[Variance]) -> None:
    (found,) = [v for v in paper if "single-task" in v.scope and "en+es+fr+ja+zh" in v.scope]
    shares = {":".join(term.factors): round(term.share, 3) for term in found.terms}
    assert found.response == "relative" and found.balanced and found.values == 504
    assert {order: round(share, 3) for order, share in found.by_order.items()} == {
        "1": 0.494,
        "2": 0.409,  # measures.md prints .408: .40851
        "3": 0.078,
        "4": 0.020,
    }
    assert {name: shares[name] for name in ("language", "model", "task", "n")} == {
        "language": 0.187,
        "model": 0.156,
        "task": 0.127,
        "n": 0.024,
    }
    pairs = ("task:language", "model:language", "task:model", "model:n", "task:n", "language:n")
    assert [shares[name] for name in pairs] == [0.272, 0.061, 0.044, 0.013, 0.011, 0.007]
    assert all(term.p is None for term in found.terms)  # one value a cell: nothing to test against


def test_within_a_task_of_the_paper_single_factors_carry_most(paper: list[Variance]) -> None:
    (found,) = [v for v in paper if "single-task" in v.scope and "en+es+fr+ja+zh" in v.scope]
    shares = {one.task: (one.scale, round(one.by_order["1"], 2)) for one in found.within_tasks}
    assert shares == {
        "instruction_following": ("log-odds", 0.87),
        "math": ("log-odds", 0.77),
        "summarization": ("log-odds", 0.92),
    }


@pytest.mark.parametrize(("response", "shares"), [("relative", (0.81, 0.70, 0.92)), ("score", (0.86, 0.83, 0.94))])
def test_within_a_task_of_the_paper_r_and_the_score_say_this(response: str, shares: tuple[float, ...]) -> None:
    every = [data for data in curves(read_scores(SCORES).rows) if data.identity["setting"] == "single_task"]
    frame = responses([data for data in every if data.identity["train_languages"] == "en+es+fr+ja+zh"])
    tasks = ("instruction_following", "math", "summarization")
    found = [terms_of(design_of(frame[frame["task"] == task], response, "single_task"))[1]["1"] for task in tasks]
    assert found == pytest.approx(shares, abs=0.005)


def test_effects_that_add_up_in_log_odds_leave_no_interaction_within_a_task(curve_of: Callable) -> None:
    """In the scores, in R and over several tasks the same effects look like interactions."""
    generator = np.random.default_rng(8)
    every = []
    for task in ("math", "summaries"):
        of_language, of_n = generator.normal(0, 1, 5), np.array([0.0, 0.5, 1.0])[:, None]
        for model, level in (("a", -1.5), ("b", 0.5)):
            scores = 1 / (1 + np.exp(-(level + of_language + of_n)))
            every.append(curve_of(scores[None, None], means=True, task=task, model=model, held_out=("pt", "ko")))
    (found,) = variances(every)
    assert [one.by_order["1"] for one in found.within_tasks] == pytest.approx([1.0, 1.0], abs=1e-6)
    assert found.by_order["1"] < 0.95


def test_every_setting_and_set_of_training_languages_has_its_own_analysis(paper: list[Variance]) -> None:
    assert [(v.values, list(v.factors)) for v in paper] == [
        (672, ["task", "model", "language", "n"]),
        (168, ["task", "language", "n"]),
        (504, ["task", "model", "language", "n"]),
        (168, ["task", "language", "n"]),
    ]
    assert all(v.random_effects == [] for v in paper)


def test_balanced_sums_of_squares_are_those_of_statsmodels(generator: np.random.Generator) -> None:
    codes = full_grid(3)
    values = generator.normal(size=len(codes)) + codes[:, 0] * codes[:, 2]
    expected = of_statsmodels(codes, values, ALL_TERMS)
    found = split(codes, values, LEVELS)
    for term, (squares, df) in found.terms.items():
        assert squares == pytest.approx(expected["sum_sq"][NAMES[term]])
        assert df == expected["df"][NAMES[term]]
    assert found.total == pytest.approx(expected["sum_sq"].sum())


def test_unbalanced_sums_of_squares_are_those_of_type_two(generator: np.random.Generator) -> None:
    codes = full_grid(3)
    codes = codes[generator.random(len(codes)) < 0.8]
    assert len(np.unique(codes, axis=0)) == np.prod(LEVELS)
    values = generator.normal(size=len(codes)) + codes[:, 0] * codes[:, 2]
    expected = of_statsmodels(codes, values, ALL_TERMS)
    for term, (squares, df) in split(codes, values, LEVELS).terms.items():
        assert squares == pytest.approx(expected["sum_sq"][NAMES[term]])
        assert df == expected["df"][NAMES[term]]


def test_a_missing_cell_costs_the_highest_interaction_a_degree_of_freedom(generator: np.random.Generator) -> None:
    codes = full_grid(1)[1:]
    values = generator.normal(size=len(codes))
    found = split(codes, values, LEVELS).terms
    formula = "y ~ (C(a, Sum) + C(b, Sum) + C(c, Sum)) ** 2"
    expected = of_statsmodels(codes, values, formula)
    for term, (squares, _) in found.items():
        if len(term) == 2:  # the model of two-way terms is complete without the missing cell
            assert squares == pytest.approx(expected["sum_sq"][NAMES[term]])
    assert found[0, 1, 2][1] == 2 * 1 * 3 - 1


def test_orders_that_an_unbalanced_design_cannot_hold_stay_in_the_residual(
    generator: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clt.statistics.inference.sums_of_squares.MOST_COLUMNS", 18)
    codes = full_grid(2)[1:]
    found = split(codes, generator.normal(size=len(codes)), LEVELS).terms
    assert MOST_COLUMNS > 18 and {len(term) for term in found} == {1, 2}


def test_tests_of_repeated_runs_follow_the_strata_of_a_split_plot(make_rows: MakeRows) -> None:
    """Terms of whole runs against the spread between runs (as an analysis of run means), others inside runs."""
    rows = pd.concat(
        [make_rows(model=name, seeds=(0, 1, 2), items=20, seed=k) for k, name in enumerate(("small", "large"))]
    )
    (found,) = variances(list(curves(rows)))
    means = rows[(rows["setting"] != "base") & (rows["language"] != "en")].rename(columns={"samples_per_language": "n"})
    means = means.groupby(["model", "n", "seed", "language"], as_index=False)["score"].mean()
    means["run"] = means.groupby(["model", "n", "seed"]).ngroup()
    of_runs = means.groupby(["model", "n", "run"], as_index=False)["score"].mean()
    whole = sm.stats.anova_lm(smf.ols("score ~ C(model) * C(n)", of_runs).fit())
    means["rest"] = means["score"] - means.groupby("run")["score"].transform("mean")
    inside = sm.stats.anova_lm(smf.ols("rest ~ C(language) * C(model) * C(n)", means).fit())
    squares, df = inside["sum_sq"], {"language": 6, "model:language": 6, "residual": 8 * (3 - 1) * 6}
    p = {":".join(term.factors): term.p for term in found.terms}
    assert found.response == "score" and found.metric == "exact_match"
    assert p["model"] == pytest.approx(whole["PR(>F)"]["C(model)"], abs=1e-6)
    assert p["model:n"] == pytest.approx(whole["PR(>F)"]["C(model):C(n)"], abs=1e-6)
    for name, term in (("language", "C(language)"), ("model:language", "C(language):C(model)")):
        ratio = (squares[term] / df[name]) / (squares["Residual"] / df["residual"])
        assert p[name] == pytest.approx(scipy.stats.f.sf(ratio, df[name], df["residual"]), abs=1e-6)
    assert sum(found.by_order.values()) == pytest.approx(1, abs=1e-5) and found.by_order["residual"] > 0
    assert [effect.name for effect in found.random_effects] == [
        "run",
        "item",
        "item:run",
        "item:language",
        "residual",
    ]
    assert sum(effect.share for effect in found.random_effects) == pytest.approx(1, abs=1e-5)


def test_an_undefined_ratio_makes_the_design_unbalanced_and_says_so(make_rows: MakeRows) -> None:
    rows = pd.concat([make_rows(items=20), make_rows(items=20, task="summaries", metric="rouge_l")])
    rows.loc[(rows["language"] == "en") & (rows["task"] == "math") & (rows["samples_per_language"] == 20), "score"] = 0
    (found,) = variances(list(curves(rows)))
    assert found.response == "relative" and not found.balanced
    assert found.values == (4 + 3) * 7 and found.permutation_p is None


def test_row_order_does_not_change_the_analysis(make_rows: MakeRows) -> None:
    rows = make_rows(items=10, seeds=(0, 1))
    shuffled = rows.sample(frac=1, random_state=1).reset_index(drop=True)
    assert variances(list(curves(rows))) == variances(list(curves(shuffled)))


def test_held_out_fits_are_those_of_statsmodels(generator: np.random.Generator) -> None:
    codes = full_grid(1)
    values = generator.normal(size=len(codes)) + 2 * codes[:, 1] * codes[:, 2] + codes[:, 0]
    frame = pd.DataFrame(codes, columns=["a", "b", "c"]).assign(y=values)
    errors = np.zeros(3)
    for left in range(3):
        fit, new = frame[frame["a"] != left], frame[frame["a"] == left]
        # in a balanced design the unknown level's effect being 0 is the same as leaving the factor out
        main = smf.ols("y ~ C(b) + C(c)", fit).fit().predict(new)
        both = smf.ols("y ~ C(b) * C(c)", fit).fit().predict(new)
        errors += [((new["y"] - p) ** 2).sum() for p in (main, both, fit["y"].mean())]
    found = cross_validate(codes, values, LEVELS, 0)
    assert found.folds == 3
    assert found.main_effects == pytest.approx(1 - errors[0] / errors[2])
    assert found.interactions == pytest.approx(1 - errors[1] / errors[2])
    assert found.difference.value == pytest.approx(found.interactions - found.main_effects, abs=1e-6)
    assert found.interactions > found.main_effects


@pytest.mark.parametrize("factor", range(3))
def test_held_out_fits_of_a_balanced_design_are_those_of_least_squares(
    generator: np.random.Generator, monkeypatch: pytest.MonkeyPatch, factor: int
) -> None:
    codes = full_grid(2)
    values = generator.normal(size=len(codes)) + codes[:, 0] * codes[:, 2]
    found = cross_validate(codes, values, LEVELS, factor)
    module = "clt.statistics.inference.cross_validation"
    monkeypatch.setattr(
        f"{module}._balanced_fold", lambda _, *fold: _fold(fold[0], fold[1], LEVELS, fold[0][:, factor] == fold[3])
    )
    expected = cross_validate(codes, values, LEVELS, factor)
    assert (found.main_effects, found.interactions) == pytest.approx((expected.main_effects, expected.interactions))
    assert found.difference.value == pytest.approx(expected.difference.value)


def test_held_out_r2_is_negative_where_the_fit_predicts_worse_than_the_mean() -> None:
    codes = full_grid(1)[:, :2]
    codes = np.unique(codes, axis=0)
    values = np.array([0.0, 4.0, 0.0, 4.0, 4.0, 0.0])  # the last level of the first factor turns the second around
    found = cross_validate(codes, values, (3, 2), 0)
    assert found.main_effects < 0


def test_two_folds_give_no_interval(generator: np.random.Generator) -> None:
    codes = full_grid(1)
    found = cross_validate(codes, generator.normal(size=len(codes)), LEVELS, 1)
    assert found.difference.low is None and found.difference.method == "none: 2 folds"


def test_exchanging_curves_finds_interactions_with_task_and_not_noise_of_whole_curves(
    generator: np.random.Generator,
) -> None:
    profile = np.array([[2, -2, 0, 0, 0], [0, 0, 2, -2, 0], [-2, 2, 0, 0, 0]]).reshape(3, 1, 5, 1)
    noise = generator.normal(size=(3, 3, 5, 1)) + 0.2 * generator.normal(size=(3, 3, 5, 4))
    planted = permutation_p(profile + noise, 0, 1)
    assert planted is not None and planted < 0.01


@pytest.mark.timeout(600)
def test_p_of_exchanged_curves_is_uniform_under_noise_that_curves_share(generator: np.random.Generator) -> None:
    found = []
    for _ in range(60):
        noise = generator.normal(size=(2, 3, 4, 1)) + 0.2 * generator.normal(size=(2, 3, 4, 3))
        found.append(permutation_p(noise, 0, 1))
    # P(more than 9 of 60 at 5%) is 0.001; single values exchanged would make almost all of them small
    assert sum(p is not None and p <= 0.05 for p in found) <= 9


def test_too_few_curves_give_no_permutation_p(generator: np.random.Generator) -> None:
    assert permutation_p(generator.normal(size=(2, 2, 7, 8)), 0, 1) is None
    assert permutation_p(generator.normal(size=(3, 1, 7, 8)), 0, 1) is None


def test_components_are_those_of_a_closed_form(generator: np.random.Generator) -> None:
    """Averaged over many arrays the estimates are the true variances (unbiased, negative ones kept)."""
    runs, items, points, languages = 4, 12, 2, 3
    truth = {"run": 0.4, "item": 1.5, "item:run": 0.8, "item:language": 0.6, "residual": 1.0}
    found = []
    for _ in range(400):
        scores = (
            np.sqrt(truth["run"]) * generator.normal(size=(runs, 1, points, 1))
            + np.sqrt(truth["item"]) * generator.normal(size=(1, items, 1, 1))
            + np.sqrt(truth["item:run"]) * generator.normal(size=(runs, items, points, 1))
            + np.sqrt(truth["item:language"]) * generator.normal(size=(1, items, 1, languages))
            + generator.normal(size=(runs, items, points, languages))
            + np.arange(points * languages).reshape(1, 1, points, languages)
        )
        found.append(variance_components(scores))
    for name, variance in truth.items():
        values = np.array([one[name] for one in found])
        assert abs(values.mean() - variance) < 4 * values.std() / np.sqrt(len(values))


def test_components_are_those_of_a_mixed_model(generator: np.random.Generator) -> None:
    """REML of statsmodels' MixedLM, which on a balanced array is the method of moments."""
    runs, items, languages = 3, 8, 3
    scores = (
        2 * generator.normal(size=(runs, 1, 1, 1))
        + generator.normal(size=(runs, items, 1, 1))
        + 1.5 * generator.normal(size=(1, items, 1, 1))
        + generator.normal(size=(1, items, 1, languages))
        + generator.normal(size=(runs, items, 1, languages))
    )
    frame = pd.DataFrame(
        np.indices(scores.shape).reshape(4, -1).T, columns=["run", "item", "point", "language"]
    ).assign(y=scores.ravel(), all=1)
    parts = {"run": "0 + C(run)", "item": "0 + C(item)", "pair": "0 + C(item):C(language)"}
    parts["answer"] = "0 + C(item):C(run)"
    model = smf.mixedlm("y ~ C(language)", frame, groups="all", re_formula="0", vc_formula=parts)
    fit = model.fit(reml=True)
    expected = dict(zip(model.exog_vc.names, fit.vcomp, strict=True)) | {"residual": fit.scale}
    found = variance_components(scores)
    names = {"run": "run", "item": "item", "item:run": "answer", "item:language": "pair", "residual": "residual"}
    assert all(variance > 0 for variance in found.values())
    for name, other in names.items():
        assert found[name] == pytest.approx(expected[other], rel=0.02)


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ((2, 5, 1, 1), {"run", "item", "residual"}),
        ((1, 5, 2, 1), {"item", "residual"}),
        ((1, 5, 2, 3), {"item", "item:run", "item:language", "residual"}),
        ((2, 5, 1, 3), {"run", "item", "item:run", "item:language", "residual"}),
        ((1, 5, 1, 3), set()),
    ],
)
def test_components_that_an_array_cannot_tell_apart_are_left_out(
    generator: np.random.Generator, shape: tuple[int, ...], names: set[str]
) -> None:
    assert set(variance_components(generator.normal(size=shape))) == names


@pytest.mark.parametrize(("items", "seeds"), [(1, (0, 1, 2)), (1, (0,)), (2, (0, 1, 2))])
def test_one_or_two_items_are_no_reason_to_fail(
    make_rows: MakeRows, table_of: Callable, items: int, seeds: tuple[int, ...]
) -> None:
    rows = pd.concat(
        [make_rows(items=items, seeds=seeds, task=task, seed=k) for k, task in enumerate(("math", "other"))]
    )
    assert len(compute_statistics(table_of(rows)).curves) == 2


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_an_english_score_is_too_near_to_zero_by_the_spread_of_its_items(
    make_rows: MakeRows, seeds: tuple[int, ...]
) -> None:
    rows = make_rows(items=50, seeds=seeds)
    english = (rows["language"] == "en") & (rows["setting"] != "base")
    few = english & (rows["samples_per_language"] == 80)
    rows.loc[few, "score"] = (rows.loc[few, "item"] <= "item-001").astype(float)  # 2 of 50: 0.04 +- 1.96 * 0.028
    enough = english & (rows["samples_per_language"] == 200)
    rows.loc[enough, "score"] = (rows.loc[enough, "item"] <= "item-009").astype(float)
    found = responses(list(curves(rows))).set_index("samples_per_language")["relative"]
    assert found[80].isna().all() and found[200].notna().all()
