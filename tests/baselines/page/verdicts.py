"""Verdicts of made-up runs, to be shown: what they say is set by hand, bands and evidence by a plain detector."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from clt.baselines.document import FORMAT, Change, Comparison, Difference, Event, Paired, Run, Series, Verdict, Word

FIRST = 5
LANGUAGES = ("es", "fr", "ja", "zh", "ar", "ko", "pt", "sw")
START = datetime(2026, 1, 5, 6, tzinfo=UTC)
SD = 0.01


def comparison(name: str = "math, U (small, single-task, n = 400)", **changes: object) -> Comparison:
    facts: dict[str, object] = {
        "name": name,
        "model": "small",
        "setting": "single_task",
        "mixture": "additive",
        "samples_per_language": 400,
        "task": "math",
        "metric": "exact_match",
        "languages": ["ar", "ko", "pt"],
        "higher_is_better": True,
        "primary": False,
        "anchors": False,
        "weight": 0.0625,
    }
    return Comparison.model_validate(facts | changes)


def values(runs: int, seed: int = 0, shift: float = 0.0, begin: int | None = None) -> list[float]:
    """Means of so many runs; from `begin` on they are shifted, in standard deviations."""
    drawn = 0.41 + SD * np.random.default_rng(seed).standard_normal(runs)
    if begin is not None:
        drawn[begin:] += shift * SD
    return [round(float(value), 5) for value in drawn]


def series(
    of: Comparison,
    means: Sequence[float | None],
    *,
    word: Word = Word.UNCHANGED,
    change: Change | None = None,
    end_of_control: int | None = None,
    alone: Sequence[int] = (),
    paired: Paired | None = None,
) -> Series:
    """A comparison; runs from `end_of_control` on, and those that stood out alone, are no reference of later ones."""
    low: list[float | None] = []
    high: list[float | None] = []
    evidence: list[float | None] = []
    total = 0.0
    for run, value in enumerate(means):
        earlier = [
            each
            for index, each in enumerate(means[:run])
            if each is not None and index not in alone and (end_of_control is None or index < end_of_control)
        ]
        if len(earlier) < FIRST or value is None:
            for each in (low, high, evidence):
                each.append(None)
            continue
        middle, sd = float(np.mean(earlier)), float(np.std(earlier, ddof=1))
        low.append(middle - 2.2 * sd)
        high.append(middle + 2.2 * sd)
        z = (value - middle) / sd
        total = (1 + total) * float(np.mean([np.exp(np.clip(d * z - d * d / 2, -8, 4)) for d in (-4, -2, 2, 4)]))
        evidence.append(total)
    return Series(
        comparison=of,
        word=word,
        items=250,
        values=list(means),
        low=low,
        high=high,
        evidence=evidence,
        stands_out=[run in alone for run in range(len(means))],
        threshold=2080.0 if of.primary else 16640.0,
        change=change,
        visible_drop=None if len(means) <= FIRST else 0.0213,
        paired=paired,
    )


def run(number: int, **changes: object) -> Run:
    """The run with this number, from 1: a week after the one before it."""
    facts: dict[str, object] = {
        "id": f"r{number:05d}",
        "number": number,
        "study": f"made-{number:05d}",
        "started": (START + timedelta(weeks=number - 1)).isoformat(),
        "seeds": [number % 12],
        "state": "complete",
        "used": "in control",
        "bits": "not known",
        "bits_beside": None,
        "pinned": number == 3,
        "note": "",
    }
    return Run.model_validate(facts | changes)


def verdict(
    listed: Sequence[Series],
    runs: Sequence[Run],
    *,
    word: Word = Word.UNCHANGED,
    sentence: str = "Nothing has moved by more than chance.",
    **changes: object,
) -> Verdict:
    facts: dict[str, object] = {
        "format": FORMAT,
        "baseline": "nightly-maths",
        "word": word,
        "sentence": sentence,
        "runs_missing": 0,
        "horizon": 52,
        "alpha": 0.05,
        "first_runs": FIRST,
        "worth": 0.03,
        "bits": "not known",
        "bits_beside": None,
        "differences": [],
        "events": [],
        "notes": [],
    }
    fields: Mapping[str, object] = facts | changes
    return Verdict.model_construct(**fields, runs=list(runs), series=list(listed))  # 10,000 runs need no check


def nine(runs: int, moved: int | None = None, shift: float = 0.0, begin: int | None = None) -> list[Series]:
    """A primary comparison and one a language; in that of index `moved` the mean shifts from run `begin` on."""
    of = [comparison(primary=True, weight=0.5)]
    of += [
        comparison(f"math, {code} (small, single-task, n = 400)", languages=[code], weight=0.0625) for code in LANGUAGES
    ]
    made = []
    for number, one in enumerate(of):
        shifted = number == moved and begin is not None
        means = values(runs, number, shift if shifted else 0.0, begin if shifted else None)
        change, word = None, Word.UNCHANGED
        if shifted and begin is not None:
            before, after = float(np.mean(means[:begin])), float(np.mean(means[begin:]))
            size = after - before
            change = Change(
                id="c-7f3a91",
                since=f"r{begin + 1:05d}",
                found=f"r{min(begin + 4, runs):05d}",
                before=before,
                after=after,
                size=size,
                low=size - 0.009,
                high=size + 0.009,
            )
            word = Word.IMPROVED if shift > 0 else Word.REGRESSED
        paired = Paired(reference="r00003", difference=means[-1] - means[2], low=-0.031, high=0.022, items=250)
        made.append(
            series(one, means, word=word, change=change, end_of_control=begin if shifted else None, paired=paired)
        )
    return made


def unchanged(runs: int = 24) -> Verdict:
    return verdict(
        nine(runs), [run(number + 1) for number in range(runs)], bits="same", bits_beside=f"r{runs - 12:05d}"
    )


def regressed(runs: int = 31, begin: int = 26) -> Verdict:
    """One language of nine drops by 5 standard deviations from run 27 on."""
    listed = [run(number + 1, used="in control" if number < begin else "after a change") for number in range(runs)]
    listed[-1] = run(runs, used="after a change", bits="different", bits_beside="r00019", note="torch 2.13 for 2.12")
    differences = [
        Difference(what="training packages.torch", before="2.12.1", now="2.13.0", since="r00027"),
        Difference(what="math train data, ja", before="sha256 3fa1c0d2", now="sha256 88e0b1aa", since="r00027"),
        Difference(what="evaluation hardware", before="NVIDIA H200", now="NVIDIA H100", since="r00030"),
    ]
    events = [
        Event(run="r00012", at=run(12).started, kind="stands out", text="math, fr stands out alone."),
        Event(run="r00027", at=run(27).started, kind="differs", text="training packages.torch: 2.12.1, now 2.13.0."),
        Event(run="r00030", at=run(30).started, kind="alarm", text="math, ja has regressed since about run 27."),
    ]
    return verdict(
        nine(runs, moved=3, shift=-5.0, begin=begin),
        listed,
        word=Word.REGRESSED,
        sentence="math in ja (small, single-task, n = 400) has dropped by 0.050 (0.041 to 0.059) since about run 27.",
        bits="different",
        bits_beside="r00019",
        differences=differences,
        events=events,
    )


def improved(runs: int = 31, begin: int = 26) -> Verdict:
    listed = [run(number + 1, used="in control" if number < begin else "after a change") for number in range(runs)]
    return verdict(
        nine(runs, moved=0, shift=4.0, begin=begin),
        listed,
        word=Word.IMPROVED,
        sentence="math in held-out languages has risen by 0.040 (0.031 to 0.049) since about run 27.",
        differences=[
            Difference(what="study mixtures[0].samples_per_language", before="400", now="800", since="r00027")
        ],
        bits="different",
        bits_beside="r00015",
    )


def outlier(runs: int = 20) -> Verdict:
    """The last run alone is far below all others, in the primary comparison and one language."""
    listed = nine(runs)
    for place in (0, 2):
        means = values(runs, place)
        means[-1] -= 0.08
        alone = {"alone": (7, runs - 1)} if place == 0 else {"alone": (runs - 1,)}
        listed[place] = series(listed[place].comparison, means, word=Word.CANNOT_TELL, **alone)
    events = [
        Event(run="r00020", at=run(20).started, kind="stands out", text="math, U stands out alone; the next run tells.")
    ]
    return verdict(
        listed,
        [run(number + 1, used="set aside" if number == 7 else "in control") for number in range(runs)],
        word=Word.CANNOT_TELL,
        sentence="The last run stands out alone: it may be chance or the first of many; the next run tells.",
        events=events,
        notes=["run 20 took 3 times as long as the others."],
    )


def young(runs: int = 3) -> Verdict:
    listed = [one.model_copy(update={"word": Word.CANNOT_TELL}) for one in nine(runs)]
    return verdict(
        listed,
        [run(number + 1) for number in range(runs)],
        word=Word.CANNOT_TELL,
        sentence=f"{FIRST - runs + 1} more runs are needed before a change could be told.",
        runs_missing=FIRST - runs + 1,
    )


def empty() -> Verdict:
    listed = [one.model_copy(update={"word": Word.CANNOT_TELL}) for one in nine(4)]
    bare = [series(one.comparison, [], word=Word.CANNOT_TELL) for one in listed]
    return verdict(bare, [], word=Word.CANNOT_TELL, sentence="There is no run yet.", runs_missing=FIRST + 1)


def acknowledged(runs: int = 40, begin: int = 16) -> Verdict:
    """A drop that was acknowledged: bands and evidence begin again."""
    listed = nine(runs)
    means = values(runs, 0, -5.0, begin)
    before = series(listed[0].comparison, means[: begin + 5], end_of_control=begin)
    after = series(listed[0].comparison, means[begin + 5 :])
    listed[0] = after.model_copy(
        update={name: getattr(before, name) + getattr(after, name) for name in ("low", "high", "evidence")}
        | {"values": means, "stands_out": [False] * runs}
    )
    told = Event(
        run="r00021",
        at=run(21).started,
        kind="acknowledged",
        text="The new tokenizer is what we want.",
        comparison=listed[0].comparison.name,
    )
    return verdict(listed, [run(number + 1) for number in range(runs)], events=[told])


def judged(runs: int = 31, begin: int = 26) -> Verdict:
    """With a judge's ratings of fixed answers, which moved."""
    base = unchanged(runs)
    means = [round(10 * value, 4) for value in values(runs, 77, 6.0, begin)]
    change = Change(id="c-19bb02", since="r00027", found="r00029", before=4.1, after=4.7, size=0.6, low=None, high=None)
    anchors = comparison(
        "the judge on fixed answers, instructions", task="instructions", metric="judge", anchors=True, languages=["ja"]
    )
    moved = series(anchors, means, word=Word.IMPROVED, change=change, end_of_control=begin)
    return base.model_copy(
        update={
            "series": [*base.series, moved],
            "word": Word.UNCHANGED,
            "sentence": "Nothing has moved but the judge: it rates the same answers 0.60 points higher since run 27.",
        }
    )


def long(runs: int = 10_000, comparisons: int = 49) -> Verdict:
    """Years of hourly runs of many comparisons, a drop in one of them lately."""
    listed = []
    generator = np.random.default_rng(1)
    for number in range(comparisons):
        means = np.round(0.41 + SD * generator.standard_normal(runs), 5)
        if number == 4:
            means[-20:] -= 0.05
        total = np.exp(generator.normal(0.5, 1.2, runs))
        total[-20:] *= np.exp(np.arange(20) * 0.9) if number == 4 else 1
        one = comparison(f"math, language {number} (small, n = 400)", primary=number == 0)
        alone = generator.random(runs) < 0.001
        known = [None] * FIRST
        listed.append(
            Series.model_construct(
                comparison=one,
                word=Word.REGRESSED if number == 4 else Word.UNCHANGED,
                items=250,
                values=means.tolist(),
                low=known + [0.388] * (runs - FIRST),
                high=known + [0.432] * (runs - FIRST),
                evidence=known + total[FIRST:].tolist(),
                stands_out=alone.tolist(),
                threshold=16640.0,
                change=Change(
                    id="c-1",
                    since=f"r{runs - 19:05d}",
                    found=f"r{runs - 9:05d}",
                    before=0.41,
                    after=0.36,
                    size=-0.05,
                    low=-0.055,
                    high=-0.045,
                )
                if number == 4
                else None,
                visible_drop=0.02,
                paired=Paired(reference="r00003", difference=0.001, low=-0.02, high=0.02, items=250),
            )
        )
    events = [
        Event(run=f"r{number:05d}", at=START.isoformat(), kind="differs", text="packages.torch differs.")
        for number in range(1, runs, 7)
    ]
    return verdict(
        listed,
        [run(number + 1) for number in range(runs)],
        word=Word.REGRESSED,
        sentence="math in language 4 has dropped by 0.050 since about run 9981.",
        events=events,
        differences=[
            Difference(what=f"packages.library-{number}", before="1.0", now="1.1", since="r09981")
            for number in range(40)
        ],
    )
