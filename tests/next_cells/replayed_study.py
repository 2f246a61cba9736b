"""The paper's whole grid with a known truth: its own scores, smoothed, and the noise of runs and items put back.

146 trained runs of three models: single-task and multi-task training, and the script ablations of the smallest. Costs
are those of the plan of studies/paper. A run shows truth + items + run noise on the link scale: of the run 0.10 that
all languages share and 0.12 of each, as the paper's repeats tell; of the items what 200 to 550 of them give that two
mixtures do not share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from clt.next_cells.arms import Arms, arms_of
from clt.next_cells.belief import Belief, Noise, Observations
from clt.next_cells.curves import Curve, curves_of
from clt.next_cells.objectives import Regret
from clt.next_cells.ordering import Problem, choose
from clt.planning import cell_cost, declared_record
from clt.statistics import TargetScores, no_scores
from clt.study import Mixture, StudyRecord, load_study

PAPER = Path(__file__).resolve().parents[2] / "studies" / "paper"
METRIC = {"instruction_following": "judge", "summarization": "rouge_l", "math": "math_answer"}
ITEMS = {"instruction_following": 200, "summarization": 550, "math": 250}
LANGUAGES = 7  # beside English: the targets
BANDWIDTH = 0.7  # of the smoothing, in log(1 + n): neighbouring n of the paper are 0.2 to 0.9 apart
BATCH = 0.05  # of all hours: what `clt next` is asked for at a time


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The study, and what its truth and noise are."""

    record: StudyRecord
    curves: tuple[Curve, ...]
    arms: Arms
    scores: Mapping[str, TargetScores]  # without runs: the scale and the noise of each task
    truth: np.ndarray  # (arms + bases,) on the link scale
    alike: bool  # whether every cell is taken to cost the same
    noisier: float  # what runs differ by, in what the belief takes it for

    @classmethod
    def of_the_paper(cls, *, alike: bool = False, noisier: float = 1.0) -> "Replay":
        record = _record()
        curves = tuple(curves_of(record.grid))
        arms = arms_of(record, curves)
        scores = {task: no_scores(metric, LANGUAGES, ITEMS[task]) for task, metric in METRIC.items()}
        truth = _truth(arms, scores)
        return cls(record=record, curves=curves, arms=arms, scores=scores, truth=truth, alike=alike, noisier=noisier)

    @cached_property
    def hours(self) -> dict[str, float]:
        """Of every trained cell, in the grid's order."""
        cells = [cell for cell in self.record.grid.cells if not cell.is_base]
        return {cell.key: 1.0 if self.alike else cell_cost(self.record, cell).gpu_hours for cell in cells}

    @cached_property
    def noise(self) -> dict[str, Noise]:
        return {task: Noise(run=each.run_variance, items=each.item_variance) for task, each in self.scores.items()}

    @cached_property
    def worth(self) -> np.ndarray:
        """Share of the metric's range for one unit of the link scale (decisions,), at the English-only training."""
        levels = dict(zip(self.arms.bases, self.truth[len(self.arms.arms) :], strict=True))
        return np.array([self.scores[each[2]].points(levels[each]) for each in self.arms.decisions])

    @cached_property
    def improvement(self) -> np.ndarray:
        """The true one of every arm, as a share of the metric's range."""
        levels = self.truth[len(self.arms.arms) + np.array([arm.base for arm in self.arms.arms])]
        return np.array(
            [
                float(np.diff(self._share(arm.decision[2], np.array([level, value])))[0])
                for arm, level, value in zip(self.arms.arms, levels, self.truth, strict=False)
            ]
        )

    def _share(self, task: str, linked: np.ndarray) -> np.ndarray:
        link = self.scores[task].link
        return (link.score(linked) - link.low) / (link.high - link.low)

    def shown(self, generator: np.random.Generator) -> np.ndarray:
        """What the one run of every arm and base shows (arms + bases,), on the link scale."""
        sd = [np.sqrt(self.noise[self.arms.task(at)].run + self.noise[self.arms.task(at)].items)
              for at in range(len(self.truth))]  # fmt: skip
        return self.truth + self.noisier * np.array(sd) * generator.standard_normal(len(self.truth))

    def regrets(self, shown: np.ndarray, cells: Sequence[str]) -> np.ndarray:
        """True regret of what the report recommends after some cells (decisions,), as a share of the range.

        It recommends the mixture with the largest measured improvement, and English-only training where none improves.
        """
        run = {at for cell in cells for at in self.arms.measured_by[cell]}
        best, chosen = np.zeros(len(self.worth)), np.zeros(len(self.worth))
        seen = np.zeros(len(self.worth))
        for at, arm in enumerate(self.arms.arms):
            where, base = self.arms.decisions.index(arm.decision), len(self.arms.arms) + arm.base
            best[where] = max(best[where], self.improvement[at])
            if at in run and base in run and shown[at] - shown[base] > seen[where]:
                seen[where], chosen[where] = shown[at] - shown[base], self.improvement[at]
        return best - chosen

    def order(self, shown: np.ndarray) -> tuple[list[str], float]:
        """The cells in the order of `clt next`, asked again after every 20th of the hours, until it names none.

        Also the regret that it expects then, of all recommendations together.
        """
        total, done = sum(self.hours.values()), list[str]()
        problem = Problem(arms=self.arms, curves=self.curves, noise=self.noise, hours=self.hours.__getitem__)
        batch, expected = BATCH * total, 0.0
        while len(done) < len(self.hours):
            positions = sorted({at for cell in done for at in self.arms.measured_by[cell]})
            belief = Belief.of(self.arms, self.noise, Observations(np.array(positions, dtype=int), shown[positions]))
            measured = [at for at in positions if at < len(self.arms.arms)
                        and len(self.arms.arms) + self.arms.arms[at].base in positions]  # fmt: skip
            allowed = np.ones(len(self.arms.arms), dtype=bool)
            objective = Regret(self.arms, belief, self.worth, allowed, measured)
            expected = float(objective.open(belief).sum())
            chosen = choose(problem, belief, objective, done, batch)
            done += [cell for choice in chosen.choices for cell in choice.candidate.cells]
            if not chosen.choices:
                if chosen.unaffordable is None or batch >= total:
                    break
                batch *= 2  # the cheapest that is worth it costs more
        return done, expected

    def fraction(self, shown: np.ndarray, cells: Sequence[str], margin: float) -> float:
        """Share of all hours after which every recommendation stays within the margin of the best mixture.

        Or within what the whole grid's recommendation misses it by; 1 where that takes all cells.
        """
        allowed = np.maximum(self.regrets(shown, list(self.hours)), margin) + 1e-12
        spent = len(cells)
        while spent and (self.regrets(shown, cells[: spent - 1]) <= allowed).all():
            spent -= 1
        if not (self.regrets(shown, cells) <= allowed).all():
            return 1.0  # it stopped too early
        return sum(self.hours[cell] for cell in cells[:spent]) / sum(self.hours.values())


def _record() -> StudyRecord:
    """One study of the three in studies/paper."""
    single, ablation, multi = (
        load_study(PAPER / f"{name}.yaml") for name in ("single_task", "script_ablation", "multi_task")
    )
    few = ("aya-23-7b",)
    mixtures: list[Mixture] = [
        *single.mixtures,
        *(each.model_copy(update={"models": few}) for each in ablation.mixtures),
        *(
            each.model_copy(update={"settings": ("multi_task",), "models": (*few, "aya-23-35b")})
            for each in multi.mixtures
        ),
    ]
    return declared_record(single.model_copy(update={"mixtures": tuple(mixtures)}))


def _truth(arms: Arms, scores: Mapping[str, TargetScores]) -> np.ndarray:
    """Means over the languages beside English, smoothed over n > 0 by a normal kernel; n = 0 is the tables' mean."""
    table = pd.read_csv(PAPER / "scores.csv")
    table = table[table["language"] != "en"]
    table["setting"] = table["setting"].map({"single": "single_task", "multi": "multi_task"})
    names = ["model", "setting", "task", "train_languages", "samples_per_language"]
    means = table.groupby(names)["score"].mean()
    truth = []
    for arm in arms.arms:
        curve = means.loc[(*arm.decision, "+".join(arm.languages))]
        curve = curve[curve.index > 0]
        linked = scores[arm.decision[2]].link.of(curve.to_numpy())
        near = np.exp(-(((np.log1p(curve.index.to_numpy()) - np.log1p(arm.samples_per_language)) / BANDWIDTH) ** 2) / 2)
        truth.append(float((near * linked).sum() / near.sum()))
    for decision in arms.bases:
        score = means.loc[decision].xs(0, level="samples_per_language").mean()
        truth.append(float(scores[decision[2]].link.of(np.array(score))))
    return np.array(truth)
