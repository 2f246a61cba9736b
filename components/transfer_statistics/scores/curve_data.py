"""From the table of scores to one array per curve: which runs, points, languages and items a curve rests on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.study import DataError
from components.transfer_statistics.scores.roles import Roles
from components.transfer_statistics.scores.sample import Sample

CURVE = ["study", "task", "metric", "model", "setting", "mixture", "train_languages"]
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
    counts: tuple[int, ...]  # samples per language of the points after the base model
    rows: tuple[tuple[float | None, float | None], ...]  # English and other rows of the same points, where known
    exposure: tuple[dict[str, str], ...]  # of the same points
    runs: tuple[str, ...]
    left_out_runs: tuple[str, ...]
    sample: Sample
    has_items: bool
    available: dict[str, int]  # language -> items scored

    @property
    def id(self) -> str:
        """The curve's name in statistics.json: what tells it from the others, joined by slashes."""
        names = ("study", "task", "metric", "model", "setting", "mixture", "train_languages")
        return "/".join(self.identity[name] for name in names if self.identity[name])

    def place(self, n: int) -> int:
        """Index of a number of samples per language on the points axis."""
        return self.has_base + self.counts.index(n)

    @property
    def zero(self) -> int | None:
        """Index of the point n = 0, None if the curve has none."""
        return self.place(0) if 0 in self.counts else None

    @property
    def shares_items(self) -> bool:
        return bool(self.sample.mask.all())


def curves(rows: pd.DataFrame) -> Iterator[CurveData]:
    """Every curve of the table, sorted by its identity, each with its base model's scores where there are any."""
    trained = rows[rows["setting"] != "base"]
    bases = {
        key: _first_run(part)
        for key, part in rows[rows["setting"] == "base"].groupby(["study", "task", "metric", "model"], observed=True)
    }
    for key, part in trained.groupby(CURVE, observed=True, sort=True):
        identity = dict(zip(CURVE, (str(value) for value in key), strict=True))
        base = bases.get((key[0], key[1], key[2], key[3]))
        yield _curve(identity, part, base)


def base_only(rows: pd.DataFrame) -> Iterator[CurveData]:
    """The base models by themselves: one point, every language but English counted as held out."""
    for key, part in rows[rows["setting"] == "base"].groupby(["study", "task", "metric", "model"], observed=True):
        identity = dict(zip(("study", "task", "metric", "model"), (str(value) for value in key), strict=True))
        yield _curve(
            identity | {"setting": "base", "mixture": "", "train_languages": ""}, part.iloc[:0], _first_run(part)
        )


def _curve(identity: dict[str, str], part: pd.DataFrame, base: pd.DataFrame | None) -> CurveData:
    roles = _roles(part if len(part) else base)
    labelled = _run_labels(part)
    firsts = part.drop_duplicates(["samples_per_language", "language"])  # facts that every item's row repeats
    counts, runs, left_out = _complete_runs(labelled)
    used = labelled[labelled["run"].isin(runs) & labelled["samples_per_language"].isin(counts)]
    first = int(base is not None)
    frames = [used.assign(place=[first + counts.index(int(n)) for n in used["samples_per_language"]])]
    if base is not None:
        # a base model has no seed: its scores stand beside every run
        frames += [base[base["language"].isin(roles.languages)].assign(run=run, place=0) for run in runs]
    sample, has_items, available = _sample(pd.concat(frames), runs, len(counts) + (base is not None), roles, identity)
    some = part if len(part) else base
    assert some is not None, "a curve has rows"
    return CurveData(
        identity=identity,
        family=str(some["family"].iloc[0]),
        size=None if pd.isna(some["size"].iloc[0]) else float(some["size"].iloc[0]),
        higher_is_better=bool(some["higher_is_better"].iloc[0]),
        roles=roles,
        has_base=base is not None,
        counts=counts,
        rows=tuple(_mixture_rows(firsts, n) for n in counts),
        exposure=tuple(_exposure(firsts, n, roles) for n in counts),
        runs=runs if len(part) else (),
        left_out_runs=left_out,
        sample=sample,
        has_items=has_items,
        available=available,
    )


def _first_run(base: pd.DataFrame) -> pd.DataFrame:
    """A base model evaluated again on purpose has the same weights: its first evaluation stands."""
    labels = _run_labels(base)["run"]
    return base[labels == labels.min()]


def _roles(rows: pd.DataFrame | None) -> Roles:
    assert rows is not None, "a curve has rows"
    english, *trained = str(rows["train_languages"].iloc[0]).split("+")
    scored = sorted(str(code) for code in rows["language"].unique())
    held_out = tuple(code for code in scored if code != english and code not in trained)
    return Roles(english=english, trained=tuple(trained), held_out=held_out)


def _run_labels(rows: pd.DataFrame) -> pd.DataFrame:
    seeds, repeats = rows["seed"].astype("str"), rows["repeat"].astype("str")
    return rows.assign(run=seeds.where(repeats == "", seeds + "/" + repeats))


def _complete_runs(rows: pd.DataFrame) -> tuple[tuple[int, ...], tuple[str, ...], tuple[str, ...]]:
    """The points of the curve, the runs that have all of them, and the runs that are left out.

    A point that averages over other seeds than its neighbour would mix the seeds' difference with that of n. So the
    curve has the points that some run has; if no run has every point, those of the run that has most.
    """
    if not len(rows):
        return (), ("0",), ()
    points = {str(run): {int(n) for n in part.unique()} for run, part in rows.groupby("run")["samples_per_language"]}
    fullest = max(sorted(points), key=lambda run: len(points[run]))
    complete = tuple(sorted(run for run in points if points[run] >= points[fullest]))
    return tuple(sorted(points[fullest])), complete, tuple(sorted(set(points) - set(complete)))


def _sample(
    rows: pd.DataFrame, runs: tuple[str, ...], points: int, roles: Roles, identity: dict[str, str]
) -> tuple[Sample, bool, dict[str, int]]:
    named = rows["item"].astype("object").where(rows["item"].notna(), MEANS_ONLY).astype("str")
    codes, names = pd.factorize(named, sort=True)
    language = pd.Index(roles.languages).get_indexer(pd.Index(rows["language"].astype("str")))
    run = pd.Index(runs).get_indexer(pd.Index(rows["run"]))
    shape = (len(runs), len(names), points, len(roles.languages))
    place = (run, codes, rows["place"].to_numpy(dtype=int), language)
    flat = np.ravel_multi_index(place, shape)
    if len(np.unique(flat)) < len(flat):
        raise DataError(
            f"{'/'.join(value for value in identity.values() if value)}: got several scores for one seed, n, language "
            "and item, expected one; tell repeated runs apart by `repeat`"
        )
    scores = np.full(shape, np.nan)
    scores[place] = rows["score"].to_numpy(dtype=float)
    scored = ~np.isnan(scores)
    available = {code: int(scored[..., k].any(axis=(0, 2)).sum()) for k, code in enumerate(roles.languages)}
    return _common(tuple(str(name) for name in names), scores, scored), MEANS_ONLY not in names, available


def _common(names: tuple[str, ...], scores: Array, scored: Array) -> Sample:
    """Keep the items that every language has at every point and run; if there are none, each language its own."""
    expected = np.asarray(scored.any(axis=1))  # (runs, points, languages): cells that hold anything at all
    mask = np.asarray((scored | ~expected[:, None]).all(axis=(0, 2)) & scored.any(axis=(0, 2)))
    scorable = np.asarray(mask.any(axis=0))
    shared = np.asarray(mask[:, scorable].all(axis=1))
    if shared.any():
        mask = np.repeat(shared[:, None], mask.shape[1], axis=1)
    keep = np.asarray(mask.any(axis=1))
    present = np.asarray(expected.all(axis=0) & scorable)
    filled = np.where(mask[None, :, None, :] & present & scored, scores, 0.0)[:, keep]
    return Sample(
        items=tuple(name for name, kept in zip(names, keep, strict=True) if kept),
        scores=np.ascontiguousarray(filled),
        mask=mask[keep],
        present=present,
    )


def _mixture_rows(firsts: pd.DataFrame, n: int) -> tuple[float | None, float | None]:
    rows = firsts[firsts["samples_per_language"] == n]
    english, other = rows["english_samples"].iloc[0], rows["other_samples"].iloc[0]
    return (None if pd.isna(english) else float(english), None if pd.isna(other) else float(other))


def _exposure(firsts: pd.DataFrame, n: int, roles: Roles) -> dict[str, str]:
    rows = firsts[firsts["samples_per_language"] == n]
    found = dict(zip(rows["language"].astype("str"), rows["exposure"].astype("str"), strict=True))
    return {code: found[code] for code in roles.languages if code in found}
