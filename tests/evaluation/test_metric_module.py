"""The metrics as modules of `evaluate`: the same scores, under any code of a language, without a network."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from clt.evaluation import load_metric

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "clt" / "evaluation" / "metric_module.py"


def test_mean_leaves_unscored_items_out() -> None:
    metric = load_metric("math_answer")
    result = metric.compute(predictions=["1", "2", "3"], references=["1", "?", "4"], languages=["en", "en", "en"])
    assert result["score"] == 0.5 and math.isnan(result["scores"][1])
    assert math.isnan(metric.compute(predictions=["1"], references=["?"], languages=["en"])["score"])


def test_a_name_that_scores_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="got 'bits_per_byte', expected the name of one of math_answer"):
        load_metric("bits_per_byte")


def test_evaluate_load_finds_the_same_metrics_without_a_network(tmp_path: Path) -> None:
    code = f"""
import math, evaluate
from clt.evaluation import load_metric
from clt.evaluation.metric_module import TEXT_METRICS
for name in TEXT_METRICS:
    loaded = evaluate.load({str(MODULE)!r}, name, keep_in_memory=True)
    case = dict(predictions=["Hay 18 gatos.", "東京で雨"], references=["18", "東京で大雨"], languages=["es", "ja"])
    ours, theirs = load_metric(name).compute(**case)["scores"], loaded.compute(**case)["scores"]
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(ours, theirs)), (name, ours, theirs)
"""
    environment = {"HF_HUB_OFFLINE": "1", "HF_EVALUATE_OFFLINE": "1", "HF_HOME": str(tmp_path), "PATH": ""}
    two = [  # at once: workers must not collide
        subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in two:
        _, errors = process.communicate()
        assert process.returncode == 0, errors


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
