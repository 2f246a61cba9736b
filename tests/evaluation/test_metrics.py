"""Every metric on its cases in cases/NAME.jsonl (score null: cannot be scored), and as an `evaluate` module."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clt.evaluation import load_metric
from clt.evaluation.registry import LIKELIHOOD_METRICS, METRICS_FOLDER
from clt.study import METRICS, MetricKind

CASES = Path(__file__).parent / "cases"
GENERATED = sorted(name for name, facts in METRICS.items() if facts.kind == MetricKind.GENERATED_TEXT)
LIKELIHOODS = sorted(METRICS.keys() - set(GENERATED))


def cases() -> list:
    return [
        pytest.param(name, case, id=f"{name}-{case['id']}")
        for name in GENERATED
        for case in map(json.loads, (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    ]


@pytest.mark.parametrize(("name", "case"), cases())
def test_case(name: str, case: dict) -> None:
    # The eight languages of the paper are in the call, as in a study.
    languages = [case["language"], "en", "es", "fr", "ja", "zh", "ar", "ko", "pt"]
    blank = [""] * (len(languages) - 1)
    scores = load_metric(name).compute(
        predictions=[case["prediction"], *blank], references=[case["reference"], *blank], languages=languages
    )["scores"]
    expected = math.nan if case["score"] is None else case["score"]
    assert scores[0] == pytest.approx(expected, nan_ok=True)


def test_every_generated_metric_has_a_module() -> None:
    assert sorted(path.stem for path in METRICS_FOLDER.glob("*.py")) == GENERATED


def test_every_likelihood_metric_has_a_function() -> None:
    assert sorted(LIKELIHOOD_METRICS) == LIKELIHOODS


@pytest.mark.parametrize("name", GENERATED)
def test_module_docstring_answers_the_five_questions(name: str) -> None:
    text = load_metric(name).description.lower()
    for question in ("unreadable answer", "empty reference", "missing language", "tokenizer", "number separators"):
        assert question in " ".join(text.split())


def test_mean_leaves_unscored_items_out() -> None:
    metric = load_metric("math_answer")
    result = metric.compute(predictions=["1", "2", "3"], references=["1", "?", "4"], languages=["en", "en", "en"])
    assert result["score"] == 0.5 and math.isnan(result["scores"][1])
    assert math.isnan(metric.compute(predictions=["1"], references=["?"], languages=["en"])["score"])


@pytest.mark.parametrize("name", GENERATED)
def test_metric_of_a_thousand_items_takes_a_moment(name: str) -> None:
    metric = load_metric(name)
    case = {"predictions": ["A short answer: 18."] * 1000, "references": ["18"] * 1000, "languages": ["en", "es"] * 500}
    metric.compute(**case)
    started = time.perf_counter()
    metric.compute(**case)
    assert time.perf_counter() - started < 3


def test_evaluate_load_finds_the_same_metrics_without_a_network(tmp_path: Path) -> None:
    code = f"""
import math, sys, evaluate
from pathlib import Path
from clt.evaluation import load_metric
for path in sorted(Path({str(METRICS_FOLDER)!r}).glob("*.py")):
    loaded = evaluate.load(str(path), keep_in_memory=True)
    case = dict(predictions=["Hay 18 gatos.", "東京で雨"], references=["18", "東京で大雨"], languages=["es", "ja"])
    ours, theirs = load_metric(path.stem).compute(**case)["scores"], loaded.compute(**case)["scores"]
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(ours, theirs)), (path, ours, theirs)
"""
    environment = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(tmp_path), "PATH": ""}
    root = Path(__file__).parents[2]
    two = [  # at once: workers must not collide
        subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=root, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in two:
        _, errors = process.communicate()
        assert process.returncode == 0, errors


def test_language_is_judged_among_the_languages_of_the_call() -> None:
    metric = load_metric("language_fidelity")
    german = "Der Zug fährt am Morgen ab."
    assert metric.compute(predictions=[german, ""], references=["", ""], languages=["en", "de"])["scores"][0] == 0
    unknown = metric.compute(predictions=["Treno partas matene."], references=[""], languages=["tlh"])["scores"][0]
    assert math.isnan(unknown)


@pytest.mark.parametrize(
    ("name", "text", "reference", "codes"),
    [
        ("math_answer", "1.250", "5/4", ("en", "eng", "en-US", "zho", "zh-CN", "cmn")),
        ("math_answer", "1.250", "1250", ("es", "spa", "deu", "pt-BR")),
        ("language_fidelity", "Where is the station?", "x", ("en", "eng", "eng_Latn")),
        ("language_fidelity", "我们明天要去火车站", "x", ("zh", "zho", "zh-CN", "cmn")),
        ("language_fidelity", "Nasaan po ang istasyon ng tren?", "x", ("fil", "tl")),
    ],
)
def test_a_language_is_scored_alike_under_all_its_codes(name: str, text: str, reference: str, codes: tuple) -> None:
    """1.250 is one and a quarter in English and 1,250 in Spanish, whichever standard the codes are of."""
    for code in codes:
        result = load_metric(name).compute(predictions=[text], references=[reference], languages=[code])
        assert result["score"] == 1.0, code
