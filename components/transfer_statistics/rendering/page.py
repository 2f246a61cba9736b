"""report.html: one self-contained file for people, made from the same values as statistics.json."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from components.transfer_statistics.rendering.figures import curve_figures
from components.transfer_statistics.schema import Curve, Estimate, Finding, Point, Statistics

HERE = Path(__file__).parent
MARKS = {"improved": "▲", "worsened": "▼", "not resolved": "○", "no interval": "·", "undefined": "–"}
QUESTIONS = ("seen_rise", "unseen_rise", "unseen_latin_rise", "unseen_non_latin_rise", "english_cost")
NAMES = {"seen_rise": "S (trained languages)", "unseen_rise": "U (held-out languages)", "english_cost": "English"}


def render(statistics: Statistics) -> str:
    """The whole page. Equal statistics give equal bytes: it holds no dates."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    several = len({curve.study for curve in statistics.curves}) > 1
    rows = [
        Row(curve, [finding for finding in statistics.findings if finding.curve == curve.id], several)
        for curve in statistics.curves
    ]
    tasks = sorted({curve.task for curve in statistics.curves})
    return environment.get_template("report_template.html").render(
        s=statistics,
        css=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        rows=[row for row in rows if row.curve.main_metric],
        tasks=[
            {
                "name": task.replace("_", " "),
                "anchor": _anchor(task),
                "rows": sorted((r for r in rows if r.curve.task == task), key=lambda r: not r.curve.main_metric),
            }
            for task in tasks
        ],
        summary={
            "counts": counts(statistics),
            "findings": findings(statistics),
            "missing": missing(statistics),
        },
        questions=QUESTIONS,
        marks=MARKS,
        base_languages=list(dict.fromkeys(code for base in statistics.bases for code in base.per_language)),
        plain=plain(3),
        percent=lambda value: f"{100 * value:.1f}%".replace("-", "−"),
        share=lambda value: f"{value:.2f}".replace("-", "−"),
        points=lambda value: f"{value:+.1f}".replace("-", "−"),
    )


@dataclass(frozen=True)
class Row:
    """One curve as the page shows it."""

    curve: Curve
    all_findings: list[Finding]
    names_study: bool  # several studies in one report

    @property
    def anchor(self) -> str:
        return _anchor(self.curve.id)

    @property
    def what(self) -> str:
        """The curve in a line: model, setting and training languages."""
        parts = [self.curve.model, self.curve.setting.replace("_", " "), " ".join(self.curve.train_languages)]
        parts += [self.curve.mixture] if self.curve.mixture not in ("", "mixture") else []
        parts += [self.curve.study] if self.names_study else []
        return " · ".join(parts)

    @property
    def findings(self) -> dict[str, Finding]:
        return {finding.question: finding for finding in self.all_findings}

    @property
    def points(self) -> list[Point]:
        return ([self.curve.base] if self.curve.base else []) + self.curve.points

    @cached_property
    def figures(self) -> dict[str, Markup]:
        # the SVG text is made by svg.py, which escapes every label
        return {name: Markup(text) for name, text in curve_figures(self.curve).items()}

    @property
    def languages(self) -> list[tuple[str, Markup]]:
        return [(name[9:], figure) for name, figure in self.figures.items() if name.startswith("language:")]

    @property
    def roles(self) -> dict[str, str]:
        english, *trained = self.curve.train_languages
        return (
            {english: "English"}
            | dict.fromkeys(trained, "trained")
            | dict.fromkeys(self.curve.held_out_languages, "held out")
        )

    @property
    def rests_on(self) -> str:
        """How many items, clusters and seeds, and what the intervals cover."""
        items, runs = self.curve.items, self.curve.runs
        text = f"Seeds: {', '.join(runs)}. Intervals: {self.curve.intervals}."
        if items is None:
            return text
        each = sorted(set(items.used.values()))
        counts = str(each[0]) if len(each) == 1 else f"{each[0]} to {each[-1]}"
        shared = "the same in all languages" if items.shared else "not shared by all languages"
        dropped = max(items.available.values()) - each[0]
        note = f" ({dropped} scored items left out: not every language has them)" if items.shared and dropped else ""
        return f"{counts} items a language, {shared}{note}; {items.clusters} clusters. {text}"

    @property
    def remarks(self) -> list[str]:
        """What is worth a sentence below the tables."""
        curve, lines = self.curve, []
        gain = curve.gain
        if gain.value is not None:
            shown = f"{gain.value:+.1f}".replace("-", "−")
            lines.append(f"Largest gain of R: {shown} points at n = {gain.at} (biased upwards; see methods).")
        rho = curve.spearman
        shown = f"{rho.value:.3f}" if rho.value is not None else f"undefined ({rho.reason})"
        lines.append(f"Spearman of S and U over {rho.n} points: {shown}.")
        for name, symbol in (("seen", "S"), ("unseen", "U")):
            found = curve.plateau_at[name]
            if found.at is not None:
                lines.append(f"{symbol} is within {found.margin:g} of its best from n = {found.at} on.")
        if curve.left_out_runs:
            lines.append(f"Left out, not complete at every n: seeds {', '.join(curve.left_out_runs)}.")
        return lines

    @cached_property
    def _scores(self) -> list[float]:
        return [e.value for p in self.points for e in p.per_language.values() if e.value is not None]

    @property
    def plain(self) -> Callable[[float], str]:
        return plain(3 if max(self._scores, default=0) <= 2 else 2)

    @property
    def signed(self) -> Callable[[float], str]:
        digits = 3 if max(self._scores, default=0) <= 2 else 2
        return lambda value: f"{value:+.{digits}f}".replace("-", "−")

    def shade(self, estimate: Estimate) -> str:
        """Opacity of a heat map cell, 0 to 0.7: black and white text both stay readable on it."""
        low, high = min(self._scores, default=0.0), max(self._scores, default=1.0)
        if estimate.value is None or high - low < 1e-9:
            return "0"
        return f"{0.7 * (estimate.value - low) / (high - low):.2f}"


def plain(digits: int) -> Callable[[float], str]:
    """A number with so many decimals and a true minus sign."""
    return lambda value: f"{value:.{digits}f}".replace("-", "−")


def counts(statistics: Statistics) -> str:
    """What went in, in a line."""
    curves = statistics.curves
    parts = [
        _many(len(curves), "curve"),
        _many(len({curve.model for curve in curves}), "model"),
        _many(len({curve.task for curve in curves}), "task"),
        _many(len({code for c in curves for code in (*c.train_languages, *c.held_out_languages)}), "language"),
        _many(len({run for curve in curves for run in curve.runs}), "seed"),
    ]
    return ", ".join(parts) + "."


def findings(statistics: Statistics) -> list[str]:
    """The answers counted: in how many curves did S, U and English improve or worsen by more than their interval."""
    lines = []
    for question, name in NAMES.items():
        answers = [finding.answer for finding in statistics.findings if finding.question == question]
        if answers:
            done = [f"{answers.count(a)} {a}" for a in MARKS if a in answers]
            lines.append(f"{name}, from n = 0 to the largest n: {', '.join(done)} (of {_many(len(answers), 'curve')}).")
    return lines


def missing(statistics: Statistics) -> str:
    """The sentence that heads the list of missing cells."""
    cells = len(statistics.missing_cells)
    if cells == 1:
        return "1 cell is missing, and everything below is computed without it"
    return f"{cells} cells are missing, and everything below is computed without them"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _anchor(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
