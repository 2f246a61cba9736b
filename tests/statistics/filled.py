"""Statistics with something in every part: what a report must be able to show, whatever the input held."""

from clt.statistics.analyses.answer_rates.schema import AnswerRate, AnswerShift
from clt.statistics.analyses.claims.schema import ClaimCheck
from clt.statistics.analyses.conditions.schema import Condition, Conditions, Rule
from clt.statistics.analyses.donors.schema import Allocation, Mixture
from clt.statistics.analyses.dynamics.schema import Dynamics, DynamicsPoint, PooledSpearman
from clt.statistics.analyses.gains.schema import GroupGain
from clt.statistics.analyses.languages.schema import CovariateEffect, LanguageFacts
from clt.statistics.analyses.noise.schema import Outlier
from clt.statistics.analyses.variance.schema import HeldOutFit, RandomEffect, TaskVariance, Variance, VarianceTerm
from clt.statistics.curve.schema import Base, Curve, Partial
from clt.statistics.document import Statistics
from clt.statistics.values import At, Estimate

LEVEL = {"es": "5 (winner)", "ko": "4 (underdog)"}
TERMS = {
    "language": 0.187,
    "model": 0.156,
    "task": 0.127,
    "n": 0.024,
    "task:language": 0.272,
    "model:language": 0.061,
    "model:task": 0.044,
    "model:n": 0.013,
    "task:n": 0.011,
    "language:n": 0.007,
    "model:task:language": 0.06,
    "model:task:n": 0.018,
    "model:task:language:n": 0.02,
}


def estimate(value: float | None, width: float = 0.05, reason: str = "nothing to compare") -> Estimate:
    if value is None:
        return Estimate(value=None, low=None, high=None, method="undefined", reason=reason)
    return Estimate(value=value, low=value - width, high=value + width, method="bca")


def filled(statistics: Statistics) -> Statistics:
    """The statistics with made-up documents in every part that a small input leaves empty or nearly so."""
    curves = [curve for curve in statistics.curves if curve.main_metric and curve.points[-1].change]
    codes = list(
        dict.fromkeys(code for curve in curves for code in (*curve.train_languages, *curve.held_out_languages))
    )
    made = {
        "answer_rates": [rate for curve in curves for rate in _rates(curve)],
        "answer_shifts": [_shift(curve) for curve in curves],
        "gains_by_group": [_group(curve.task, curves) for curve in {curve.task: curve for curve in curves}.values()],
        "outliers": [_outlier(curve) for curve in curves[:2]],
        "variance": [_variance()],
        "conditions": Conditions(
            combinations=[_condition(curve) for curve in curves],
            rules=_rules(),
            candidates=48,
            rejected={"did not replicate over models": 30, "corrected p of 0.05 or more": 16},
            statement="2 of 48 candidate rules replicate with every model and task left out.",
        ),
        "allocations": [_allocation(curves[0])],
        "dynamics": [_dynamics(curve, answer) for curve, answer in zip(curves, ("lags", "not resolved"), strict=False)],
        "dynamics_spearman": [_pooled(curve) for curve in curves[:2]],
        "languages": [_facts(code) for code in codes],
        "covariates": [
            _effect("distance from English, syntactic", -0.71, "falls"),
            _effect("script", None, "too few languages"),
        ],
        "claims": _claims(),
        "bases": [_base(curves[0])],
    }
    return statistics.model_copy(update=made)


def _rates(curve: Curve) -> list[AnswerRate]:
    shares = {"no_answer": 0.1, "wrong_language": 0.4, "hit_limit": 0.02, "truncated": 0.0, "lost_examples": 0.3}
    codes = (*curve.train_languages, *curve.held_out_languages)
    return [
        AnswerRate(curve=curve.id, language=code, samples_per_language=n, items=250, **shares)
        for n in (None, 0, curve.points[-1].samples_per_language)
        for code in codes
    ]


def _shift(curve: Curve) -> AnswerShift:
    return AnswerShift(curve=curve.id, group="seen", rate="no_answer", before=0.4, after=0.1, gain=0.2)


def _group(task: str, curves: list[Curve]) -> GroupGain:
    gains = [curve.gain.value or 0.0 for curve in curves if curve.task == task]
    mean = sum(gains) / len(gains)
    return GroupGain(
        study="",
        by="task",
        group=task,
        measure="relative",
        metric=curves[0].metric,
        curves=len(gains),
        fitted=False,
        mean=estimate(mean, 3.0),
        smallest=min(gains),
        largest=max(gains),
    )


def _outlier(curve: Curve) -> Outlier:
    point = curve.points[-1]
    code = curve.held_out_languages[0]
    return Outlier(
        curve=curve.id,
        language=code,
        samples_per_language=point.samples_per_language or 0,
        run=curve.runs[0],
        value=point.per_language[code].value or 0.0,
        expected=0.31,
        deviation=-5.2,
        rule="residual of language and n effects beyond 4 robust standard deviations",
    )


def _variance() -> Variance:
    terms = [
        VarianceTerm(
            factors=name.split(":"), df=6, sum_of_squares=10 * share, share=share, p=None if ":" in name else 0.0004
        )
        for name, share in TERMS.items()
    ]
    return Variance(
        study="",
        scope="single task, all trained languages",
        response="relative",
        metric="",
        factors={"model": ["a", "b", "c"], "task": ["math", "summaries"], "n": ["0", "100"], "language": ["es", "ko"]},
        values=504,
        balanced=True,
        terms=terms,
        by_order={"1": 0.494, "2": 0.408, "3": 0.078, "4": 0.02},
        within_tasks=[
            TaskVariance(
                task=task, metric="score", scale="log-odds", values=252, balanced=True, by_order={"1": share, "2": 0.1}
            )
            for task, share in (("math", 0.81), ("summaries", 0.9))
        ],
        held_out=[
            HeldOutFit(left_out="model", folds=3, main_effects=0.21, interactions=0.35, difference=estimate(0.14, 0.2)),
            HeldOutFit(left_out="n", folds=8, main_effects=None, interactions=None, difference=estimate(None)),
        ],
        permutation_p=0.0005,
        random_effects=[RandomEffect(name="item", levels=250, sd=0.31, share=0.7)],
        random_effects_method="REML, items and runs crossed",
        statement="interactions predict left-out models better than main effects alone, but not resolvably so",
    )


def _condition(curve: Curve) -> Condition:
    last = curve.points[-1]
    assert last.change is not None
    change = At(**last.change.unseen.model_dump(exclude={"reason"}), reason=None, at=last.samples_per_language)
    answer = "improved" if change.low is not None and change.low > 0 else "not resolved"
    return Condition(
        curve=curve.id,
        study=curve.study,
        model=curve.model,
        setting=curve.setting,
        task=curve.task,
        metric=curve.metric,
        train_languages=curve.train_languages,
        enough=At(value=0.97, at=curve.points[-2].samples_per_language, low=None, high=None, method="none: a choice"),
        most_of_tried_rise=At(value=0.97, at=last.samples_per_language, low=None, high=None, method="none: a choice"),
        unseen_change=change,
        answer=answer,
    )


def _rules() -> list[Rule]:
    return [
        Rule(
            text="task math and Latin script: languages other than English improve by 12.3 percentage points of R more "
            "than the two conditions bring by themselves.",
            factors={"task": "math", "script": "Latin"},
            measure="language",
            cells=21,
            others=42,
            effect=Estimate(value=12.3, low=8.1, high=16.5, method="bca"),
            unit="percentage points of R",
            p=0.0001,
            corrected_p=0.0048,
            correction="Benjamini-Hochberg over 48 candidates",
            replicated={"model": "3 of 3", "seed": "2 of 2"},
        )
    ]


def _allocation(curve: Curve) -> Allocation:
    def mixture(name: str, rows: dict[str, int], risk: float) -> Mixture:
        allowed = risk <= 0.05
        return Mixture(
            name=name,
            tried=name != "the best division",
            english_rows=None,
            rows=rows,
            cost=float(sum(rows.values())),
            improvement=estimate(0.1),
            measured=0.08 if name != "the best division" else None,
            english=estimate(-0.01),
            english_falls=risk,
            allowed=allowed,
            probability_best=0.8 if allowed else None,
            expected_regret=0.01 if allowed else None,
            regret_95=0.03 if allowed else None,
        )

    return Allocation(
        study="",
        model=curve.model,
        setting=curve.setting,
        task=curve.task,
        metric=curve.metric,
        budget=500,
        budget_counts="rows in other languages",
        prices={"es": 2.0},
        weights={"ko": 3.0, "pt": 1.0},
        english_margin=0.02,
        english_may_fall=0.02,
        missed=[],
        resolvable=True,
        mixtures=[
            mixture("the best division", {"es": 300, "ja": 100}, 0.01),
            mixture("en+es+ja at n = 200", {"es": 200, "ja": 200}, 0.4),
        ],
        statement="300 es, 100 ja (never tried as such: effects are taken to add up)",
    )


def _dynamics(curve: Curve, answer: str) -> Dynamics:
    points = [
        DynamicsPoint(
            step=step, english=estimate(0.6), seen=estimate(0.2 + step / 1000), unseen=estimate(0.15 + step / 1500)
        )
        for step in (50, 100, 200, 400)
    ]
    return Dynamics(
        curve=curve.id,
        samples_per_language=curve.points[-1].samples_per_language or 0,
        metric=curve.metric,
        runs=["0", "1"],
        items=250,
        covers="items and runs",
        points=points,
        half_seen=estimate(120.0, 30),
        half_unseen=estimate(180.0, 40),
        lag=estimate(60.0, 45),
        answer=answer,
    )


def _pooled(curve: Curve) -> PooledSpearman:
    return PooledSpearman(
        study="",
        model=curve.model,
        setting=curve.setting,
        task=curve.task,
        metric=curve.metric,
        mixture=curve.mixture,
        train_languages=curve.train_languages,
        spearman=curve.spearman.model_copy(
            update={
                "value": 0.91,
                "p": 0.004,
                "n": 48,
                "over": "4 checkpoints of 12 runs",
                "partial": Partial(value=0.42, p=0.03, method="permuted runs", reason=None),
                "reason": None,
            }
        ),
    )


def _facts(code: str) -> LanguageFacts:
    near = {"syntactic": 0.42, "phonological": 0.31}
    return LanguageFacts(
        code=code,
        name=code.upper(),
        script="Latn",
        family=None if code == "ko" else "Indo-European",
        resource_level=LEVEL.get(code),
        distance_from_english=near,
        distance_from_training={} if code == "en" else near,
        source="URIEL (CC BY-SA 4.0)",
    )


def _effect(covariate: str, value: float | None, answer: str) -> CovariateEffect:
    return CovariateEffect(
        study="",
        scope="math",
        covariate=covariate,
        measure="change of the language's score",
        languages=7,
        correlation=estimate(value, 0.2, "two scripts"),
        p=None if value is None else 0.03,
        corrected_p=None if value is None else 0.12,
        correction="Holm over 4 covariates",
        answer=answer,
    )


def _base(curve: Curve) -> Base:
    scores = {code: estimate(0.1) for code in (*curve.train_languages, *curve.held_out_languages)}
    return Base(
        model=curve.model,
        study=curve.study,
        task=curve.task,
        metric=curve.metric,
        items=None,
        english=estimate(0.3),
        non_english=estimate(0.1),
        relative=estimate(None, reason="the English score's interval includes 0"),
        per_language=scores,
    )


def _claims() -> list[ClaimCheck]:
    def claim(
        text: str, expected: float | str, found: float | str | None, holds: bool | None, note: str = ""
    ) -> ClaimCheck:
        return ClaimCheck(
            claim=text,
            source="section 4.1",
            value="gain",
            expected=expected,
            tolerance=0.05,
            found=found,
            holds=holds,
            note=note,
        )

    return [
        claim("Maths gains 40.6 points in Llama 3.1 8B", 40.6, 40.58, True),
        claim("Maths gains 22.7 points in Aya 23 7B", 22.7, 25.2, False, "the table gives 25.2 at n = 5000"),
        claim("Transfer | scales with size", "yes", None, None, "family and size are confounded"),
    ]
