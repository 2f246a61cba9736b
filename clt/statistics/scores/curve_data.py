"""From the table of scores to one array per curve: which runs, points, languages and items a curve rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clt.errors import DataError
from clt.statistics.scores.nested_runs import RepeatedSeed, nested_in_seeds
from clt.statistics.scores.roles import Roles
from clt.statistics.scores.row_groups import first_rows, group_numbers
from clt.statistics.scores.sample import Sample
from clt.statistics.scores.table import COLUMNS, CURVE

BASE = ["study", "task", "metric", "model"]  # what a base model and the curves that start from it share
MEANS_ONLY = "mean over all items"  # stands for the item where the table holds only means
Array = np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveData:
    """One curve's scores. The points are the base model, if it was scored, then every n in rising order."""

    identity: dict[str, str]
    family: str
    size: float | None  # parameters of the model, if known
    higher_is_better: bool
    roles: Roles
    has_base: bool
    sample_sizes: tuple[int, ...]  # samples per language of the points after the base model
    rows: tuple[tuple[float | None, float | None], ...]  # English and other rows of the same points, where known
    exposure: tuple[dict[str, str], ...]  # of the same points
    runs: tuple[str, ...]  # seeds
    left_out_runs: tuple[str, ...]
    sample: Sample
    has_items: bool
    available: dict[str, int]  # language -> items scored
    # (points, languages): items that a printed mean is over, the fewest of its runs; NaN where not known
    mean_items: Array | None = None  # None: scores per item, or not known at all
    repeated_seeds: tuple[RepeatedSeed, ...] = ()  # of `runs`: those that are the mean of several repeats

    @property
    def id(self) -> str:
        """The curve's name in statistics.json: what tells it from the others, joined by slashes."""
        names = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")
        return "/".join(self.identity[name] for name in names if self.identity[name])

    def point_index(self, n: int) -> int:
        """Index of a number of samples per language on the points axis."""
        return self.has_base + self.sample_sizes.index(n)

    @property
    def baseline_index(self) -> int | None:
        """Index of the point n = 0, None if the curve has none."""
        return self.point_index(0) if 0 in self.sample_sizes else None

    @property
    def task(self) -> tuple[str, str, str]:
        """Study, task and metric: what curves have in common whose scores can be compared as they are."""
        return self.identity["study"], self.identity["task"], self.identity["metric"]


def curves(rows: pd.DataFrame) -> Iterator[CurveData]:
    """Every curve of the table, sorted by its identity, each with its base model's scores where there are any."""
    rows = rows[list(COLUMNS)]
    is_base = (rows["setting"] == "base").to_numpy()
    bases = {_identity(part, BASE): _first_run(part) for part in _parts(rows, is_base, BASE)}
    for part in _parts(rows, ~is_base, CURVE):
        identity = dict(zip(CURVE, _identity(part, CURVE), strict=True))
        yield _curve(identity, part, bases.get(_identity(part, BASE)))


def base_only(rows: pd.DataFrame) -> Iterator[CurveData]:
    """The base models by themselves: one point, every language but English counted as held out."""
    for part in _parts(rows, (rows["setting"] == "base").to_numpy(), BASE):
        identity = dict(zip(BASE, _identity(part, BASE), strict=True))
        yield _curve(
            identity | {"setting": "base", "mixture": "", "train_languages": ""}, part.iloc[:0], _first_run(part)
        )


def run_labels(rows: pd.DataFrame) -> pd.Series:
    """The run of each row as text: its seed, or seed/repeat."""
    run = group_numbers(rows, ["seed", "repeat"])
    named = rows[["seed", "repeat"]].iloc[first_rows(run)].astype("str")
    labels = named["seed"].where(named["repeat"] == "", named["seed"] + "/" + named["repeat"])
    return pd.Series(labels.to_numpy(dtype=object)[run], index=rows.index)


def _parts(rows: pd.DataFrame, where: Array, names: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The chosen rows (bool) in groups of equal values, sorted: one group at a time, never all rows twice."""
    chosen = np.flatnonzero(where)
    group = group_numbers(rows, names)[chosen]
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    for positions in np.split(chosen[order], ends) if len(chosen) else ():
        yield rows.iloc[positions]


def _identity(part: pd.DataFrame, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(part[name].iloc[0]) for name in names)


def _curve(identity: dict[str, str], part: pd.DataFrame, base: pd.DataFrame | None) -> CurveData:
    labelled = part.assign(run=run_labels(part))
    sample_sizes, runs, left_out = _complete_runs(labelled)
    used = _chosen(labelled, labelled["run"].isin(runs) & labelled["samples_per_language"].isin(sample_sizes))
    some = used if len(used) else base
    assert some is not None, "a curve has rows"
    roles = _roles(some)
    first = int(base is not None)
    frames = [used.assign(place=first + np.searchsorted(sample_sizes, used["samples_per_language"].to_numpy()))]
    if base is not None:
        # a base model has no seed: its scores stand beside every run
        frames += [base[base["language"].isin(roles.languages)].assign(run=run, place=0) for run in runs]
    scores = pd.concat(frames) if base is not None else frames[0]
    cells = _cells(scores, runs, roles)
    shape = (len(runs), len(sample_sizes) + first, len(roles.languages))
    has_items = bool(scores["item"].notna().all())
    sample, available = _sample(scores, cells, shape, identity)
    seeds = labelled.drop_duplicates("run").set_index("run")["seed"]
    sample, seed_names, repeated = nested_in_seeds(sample, [str(seeds.get(run, run)) for run in runs])
    mixtures, exposure = _points(used, roles)
    return CurveData(
        identity=identity,
        family=str(some["family"].iloc[0]),
        size=None if pd.isna(some["size"].iloc[0]) else float(some["size"].iloc[0]),
        higher_is_better=bool(some["higher_is_better"].iloc[0]),
        roles=roles,
        has_base=base is not None,
        sample_sizes=sample_sizes,
        rows=tuple(mixtures[n] for n in sample_sizes),
        exposure=tuple(exposure[n] for n in sample_sizes),
        runs=seed_names if len(part) else (),
        left_out_runs=left_out,
        sample=sample,
        has_items=has_items,
        available=dict(zip(roles.languages, (int(number) for number in available), strict=True)),
        mean_items=None if has_items else _mean_items(scores, cells, shape),
        repeated_seeds=repeated,
    )


def _chosen(rows: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    """The chosen rows, not copied if they are all."""
    return rows if where.all() else rows[where]


def _first_run(base: pd.DataFrame) -> pd.DataFrame:
    """A base model evaluated again on purpose has the same weights: its first evaluation stands."""
    labels = run_labels(base)
    return base[labels == labels.min()]


def _complete_runs(rows: pd.DataFrame) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    """The points of the curve, the runs that have all of them, and the runs that are left out.

    A point that averages over other seeds or languages than its neighbour would mix their difference with that of n.
    So the curve has the points of the run that has most of them (and, of these, most languages), and the runs that
    have every language of every point that this one has.
    """
    if not len(rows):
        return (), ("0",), ()
    cells = rows.iloc[first_rows(group_numbers(rows, ["run", "samples_per_language", "language"]))]
    scored = {str(run): {*zip(part["samples_per_language"], part["language"], strict=True)}
              for run, part in cells.groupby("run")}  # fmt: skip
    points = {run: {int(n) for n, _ in places} for run, places in scored.items()}
    fullest = max(sorted(scored), key=lambda run: (len(points[run]), len(scored[run])))
    complete = tuple(sorted(run for run in scored if scored[run] >= scored[fullest]))
    return tuple(sorted(points[fullest])), complete, tuple(sorted(set(scored) - set(complete)))


def _roles(rows: pd.DataFrame) -> Roles:
    english, *trained = str(rows["train_languages"].iloc[0]).split("+")
    scored = sorted(str(code) for code in rows["language"].unique())
    held_out = tuple(code for code in scored if code != english and code not in trained)
    unscored = tuple(code for code in trained if code not in scored)
    return Roles(english=english, trained=tuple(trained), held_out=held_out, unscored=unscored)


def _cells(rows: pd.DataFrame, runs: Sequence[str], roles: Roles) -> tuple[Array, Array, Array]:
    """Index of each row's run, point and language."""
    language = pd.Index(roles.languages).get_indexer(pd.Index(rows["language"].astype("object")))
    return pd.Index(runs).get_indexer(pd.Index(rows["run"])), rows["place"].to_numpy(dtype=int), language


def _sample(
    rows: pd.DataFrame,
    cells: tuple[Array, Array, Array],
    shape: tuple[int, int, int],
    identity: dict[str, str],
) -> tuple[Sample, Array]:
    """The scores of the items that count as one array, and the number of items scored in each language (languages,).

    An item counts in a language where it is scored at every point and in every run that has the language at all, so
    changes along n are paired; each language has its own such items, whatever the others have. Only then is the array
    made: a table whose items come and go needs no more memory than its rows.
    """
    run, point, language = cells
    item = group_numbers(rows, ["item"])
    names = rows["item"].iloc[first_rows(item)].astype("object").fillna(MEANS_ONLY).astype("str").to_numpy()
    place = np.ravel_multi_index((run, item, point, language), (shape[0], len(names), *shape[1:]))
    if len(np.unique(place)) < len(place):
        raise DataError(
            f"{'/'.join(value for value in identity.values() if value)}: got several scores for one seed, n, language "
            "and item, expected one; tell repeated runs apart by `repeat`"
        )
    expected = np.zeros(shape, dtype=bool)  # cells that hold anything at all
    expected[run, point, language] = True
    times = np.bincount(item * shape[2] + language, minlength=len(names) * shape[2]).reshape(len(names), shape[2])
    mask = (times == expected.sum(axis=(0, 1))) & (times > 0)
    scorable = mask.any(axis=0)
    kept = mask.any(axis=1)
    present = expected.all(axis=0) & scorable
    used = mask[item, language] & present[point, language]
    scores = np.zeros((shape[0], int(kept.sum()), *shape[1:]))
    item = (np.cumsum(kept) - 1)[item]
    scores[run[used], item[used], point[used], language[used]] = rows["score"].to_numpy(dtype=float)[used]
    items = tuple(str(name) for name in names[kept])
    return Sample(items=items, scores=scores, mask=mask[kept], present=present), (times > 0).sum(axis=0)


def _mean_items(rows: pd.DataFrame, cells: tuple[Array, Array, Array], shape: tuple[int, int, int]) -> Array | None:
    """Items that each printed mean is over, axes (points, languages): the fewest of the runs, NaN where not known."""
    items = rows["n_items"].to_numpy(dtype=float)
    if np.isnan(items).all():
        return None
    counts = np.full(shape, np.nan)
    counts[cells] = items
    return counts.min(axis=0)


def _points(rows: pd.DataFrame, roles: Roles) -> tuple[dict[int, tuple[float | None, float | None]], dict[int, dict]]:
    """By n: English and other rows of the mixture where known, and the exposure of each scored language."""
    names = ["samples_per_language", "language", "english_samples", "other_samples", "exposure"]
    cells = rows[names].iloc[first_rows(group_numbers(rows, ["samples_per_language", "language"]))]
    mixtures: dict[int, tuple[float | None, float | None]] = {}
    exposure: dict[int, dict[str, str]] = {}
    for n, code, english, other, exposed in cells.itertuples(index=False):
        mixtures[int(n)] = (None if pd.isna(english) else float(english), None if pd.isna(other) else float(other))
        exposure.setdefault(int(n), {})[str(code)] = str(exposed)
    ordered = {
        n: {code: by_language[code] for code in roles.languages if code in by_language}
        for n, by_language in exposure.items()
    }
    return mixtures, ordered
