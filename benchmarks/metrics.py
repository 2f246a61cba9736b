"""Metrics: how right they are, beside the rules of other harnesses, and how fast.

    python -m benchmarks.metrics [--data FOLDER] [--labelled FILE]

Which number is the answer: on the labelled answers of tests/metrics, ours beside the rules of lm-eval (its filters for
GSM8K and MGSM, written anew here) and, where it is installed, inspect_ai's match(numeric=True). Language fidelity: on
real texts of 15 languages, of the form of ../shared/data, false alarms and English that passes as each of the others.
Items a processor second, a single one, what is cached made anew.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from clt.metrics import TextAnswer, score_answers

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("en", "es", "fr", "ja", "zh", "ar", "ko", "pt", "de", "ru", "sw", "bn", "th", "it", "id")
UNSPACED = ("ja", "zh", "th")
ITEMS = 400  # of a language and kind at most

Rule = Callable[[str, str, str], bool]  # text, reference, language -> right?


def lm_eval(pattern: str, which: int) -> Rule:
    """A filter of lm-eval: the first or last match; then $ and , and a final dot do not count."""

    def plain(number: str) -> str:
        return re.sub(r"[$,]|\.$", "", number)

    def right(text: str, reference: str, _: str) -> bool:
        found = ["".join(match) if isinstance(match, tuple) else match for match in re.findall(pattern, text)]
        return bool(found) and plain(found[which]) == plain(reference)

    return right


def ours(metric: str) -> Rule:
    def right(text: str, reference: str, language: str) -> bool:
        return score_answers(metric, [TextAnswer(text=text, reference=reference, language=language)]) == [1.0]

    return right


def rules() -> Iterator[tuple[str, Rule]]:
    yield "math_answer", ours("math_answer")
    yield "math_answer_last", ours("math_answer_last")
    yield "lm-eval, GSM8K strict-match", lm_eval(r"#### (-?[0-9.,]+)", 0)
    yield "lm-eval, MGSM get-answer", lm_eval(r"The answer is (-?[0-9.,]+)", 0)
    yield "lm-eval, flexible-extract", lm_eval(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", -1)
    try:
        from inspect_ai.scorer._common import match_str
    except ImportError:
        print("inspect_ai is not installed: left out")
    else:
        yield "inspect_ai, match(numeric)", lambda text, reference, _: match_str(text, reference, numeric=True)[1]


def compare_answers(path: Path) -> None:
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    going_on = ("stated", "boxed", "mark", "heading", "run-on")
    groups = {
        "all": cases,
        "which number": [case for case in cases if case["kind"] in going_on],
        "how it is written": [case for case in cases if case["kind"] not in (*going_on, "wrong")],
        "wrong ones": [case for case in cases if case["expected"] == 0],
    }
    print(f"\n{path.name}: scored rightly, of {', '.join(f'{len(group)} {name}' for name, group in groups.items())}")
    for name, rule in rules():
        shares = []
        for group in groups.values():
            right = sum(rule(c["prediction"], c["reference"], c["language"]) == bool(c["expected"]) for c in group)
            shares.append(f"{right / len(group):7.1%}")
        print(f"{name:30}", *shares)


def texts(data: Path, kind: str, language: str) -> list[str]:
    """Real texts of a language: sentences, answers with code in them, or short ones."""
    if kind == "code":
        rows = _rows(data / "commands" / f"tldr_test.{language}.jsonl")
        return [f"{row['instruction']}\n`{row['command']}`" for row in rows][:ITEMS]
    if kind == "short":
        titles = [row["headline"] for row in _rows(data / "headlines" / f"ntrex_train.{language}.jsonl")]
        return [title[:5] if language in UNSPACED else " ".join(title.split()[:2]) for title in titles][:ITEMS]
    articles = [row["article"].strip() for row in _rows(data / "headlines" / f"ntrex_train.{language}.jsonl")]
    questions = [row["question"] for row in _rows(data / "math" / f"mgsm_test.{language}.jsonl")]
    return [*(article.partition("\n")[0] for article in articles), *questions][:ITEMS]


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.open(encoding="utf-8")] if path.is_file() else []


def fidelity(items: list[str], language: str) -> list[float]:
    return score_answers("language_fidelity", [TextAnswer(text=t, reference="", language=language) for t in items])


def compare_languages(data: Path) -> None:
    print("\nlanguage_fidelity: wrong and (unscored), %; the last column: English sentences that pass as the language")
    print("language", *(f"{kind:>17}" for kind in ("sentences", "code", "short")), f"{'English':>8}")
    totals: dict[str, list[float]] = {}
    english = texts(data, "sentences", "en")
    for language in LANGUAGES:
        columns = []
        for kind in ("sentences", "code", "short"):
            scores = fidelity(texts(data, kind, language), language)
            totals.setdefault(kind, []).extend(scores)
            columns.append(_wrong(scores))
        passed = [] if language == "en" else fidelity(english, language)
        totals.setdefault("English", []).extend(passed)
        print(f"{language:8}", *columns, f"{100 * _share(passed, 1):8.2f}" if passed else "")
    print(f"{'all':8}", *(_wrong(totals[kind]) for kind in ("sentences", "code", "short")), end=" ")
    print(f"{100 * _share(totals['English'], 1):8.2f}")


def _share(scores: list[float], wanted: float) -> float:
    return sum(score == wanted for score in scores) / max(1, len(scores))


def _wrong(scores: list[float]) -> str:
    unscored = sum(score != score for score in scores) / max(1, len(scores))
    return f"{100 * _share(scores, 0):7.2f} ({100 * unscored:6.2f})" if scores else f"{'':>16}"


def measure_speed(data: Path) -> None:
    print("\nitems a processor second")
    worked, titles, prose = [], [], []
    for code in LANGUAGES:
        worked += [(code, row["answer"]) for row in _rows(data / "math" / f"gsm8k_train.{code}.jsonl")[:ITEMS]]
        titles += [(code, row["headline"]) for row in _rows(data / "headlines" / f"ntrex_train.{code}.jsonl")]
        prose += [(code, text) for text in texts(data, "sentences", code)]
    stated = [(code, text.replace("####", "The answer is") + " dollars. (2 steps)") for code, text in worked]
    for metric, kind, items in (
        ("math_answer", "worked answers with ####", worked),
        ("math_answer", "worked answers that state it and go on", stated),
        ("rouge_l", "headlines", titles),
        ("exact_match", "headlines", titles),
        ("chrf", "headlines", titles),
        ("language_fidelity", "sentences", prose),
    ):
        answers = [
            TextAnswer(text=text, reference="18" if metric == "math_answer" else text[-40:], language=code)
            for code, text in items
        ]
        score_answers(metric, answers[: len(answers) // 100])  # loads models and patterns
        started = time.process_time()
        score_answers(metric, answers)
        seconds = time.process_time() - started
        size = sum(len(text) for _, text in items) / len(items)
        print(f"{metric:18} {len(answers) / seconds:9,.0f}  ({len(answers):,} {kind} of {size:.0f} characters)")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--labelled", type=Path, default=ROOT / "tests" / "metrics" / "cases" / "labelled_maths.jsonl")
    arguments = parser.parse_args()
    compare_answers(arguments.labelled)
    if arguments.data.is_dir():
        compare_languages(arguments.data)
        measure_speed(arguments.data)
    else:
        print(f"{arguments.data} is not there: no real texts to measure on")


if __name__ == "__main__":
    main()
