"""A study file of what is done and what was chosen.

A mixture of a study is a product: models x settings x tasks x n x seeds. So curves of one mixture that have other n or
seeds than its others become a mixture of their own, under a name of their own; a curve is never split. The key of a
cell does not hold the mixture's name: what is done stays done.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import yaml

from clt.next_cells.candidates import begun
from clt.next_cells.curves import Curve, curves_of
from clt.next_cells.proposal import Proposal
from clt.study import Mixture, Study, written_values

NAME_LENGTH = 63
Design = tuple[tuple[int, ...], tuple[int, ...]]  # the n and the seeds of a curve


def study_text(proposal: Proposal, study: Study, source: Path, folder: Path) -> str:
    """The text of a study file of the cells that are done and those of all steps.

    Args:
        proposal: What to run.
        study: That it was made for, with resolved paths.
        source: Its file; what stands in it beside models, mixtures and seeds stays as it is written.
        folder: Where the new file goes. In another folder than `source` its paths are absolute.
    """
    have = proposal.done | {cell for step in proposal.steps for cell in step.cells}
    mixtures = list(written_mixtures(curves_of(proposal.extended.grid), proposal.extended.study, have))
    used = {model for mixture in mixtures for model in mixture.models or ()}
    values = _values(study, source, folder)
    names = [model.name for model in study.models]
    values["models"] = [model for name, model in zip(names, values["models"], strict=True) if name in used]
    values["mixtures"] = [mixture.model_dump(mode="json", exclude_defaults=True) for mixture in mixtures]
    values["seeds"] = sorted({seed for mixture in mixtures for seed in mixture.seeds or ()})
    head = f"# {study.name}: what is done, and what `clt next` chose. Made by `clt next {source.name} --write`.\n"
    return head + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)


def written_mixtures(curves: Collection[Curve], study: Study, have: Collection[str]) -> Iterator[Mixture]:
    """The mixtures whose grid has the cells of `have`, in the study's order.

    Args:
        curves: All that may be run.
        study: That they are of.
        have: Keys of cells.
    """
    designs = dict(_designs(curves, have))
    for mixture in study.mixtures:
        models: dict[tuple[str, tuple[str, ...], Design], list[str]] = {}
        for position, curve in enumerate(curves):
            if curve.mixture == mixture.name and position in designs:
                models.setdefault((curve.setting, curve.tasks, designs[position]), []).append(curve.model)
        tasks: dict[tuple[str, Design, tuple[str, ...]], list[str]] = {}
        for (setting, of_curve, design), names in models.items():
            tasks.setdefault((setting, design, tuple(names)), []).extend(of_curve)
        for number, ((setting, (sizes, seeds), chosen), of_tasks) in enumerate(tasks.items()):
            yield mixture.model_copy(
                update={
                    "name": mixture.name if not number else f"{mixture.name[: NAME_LENGTH - 4]}-{number + 1}",
                    "models": chosen,
                    "settings": (setting,),
                    "tasks": tuple(of_tasks),
                    "samples_per_language": sizes,
                    "seeds": seeds,
                }
            )


def _designs(curves: Collection[Curve], have: Collection[str]) -> Iterator[tuple[int, Design]]:
    """Of every curve that has been begun its n, 0 among them, and its seeds."""
    left = set(have)
    for position, curve in enumerate(curves):
        sizes, seeds = begun(curve, have)
        if sizes:
            wanted = (0, *sizes) if (0, seeds[0]) in curve.cells else sizes
            left -= {curve.cells[n, seed] for n in wanted for seed in seeds}
            yield position, (wanted, seeds)
    for position, curve in enumerate(curves):  # English-only cells of curves that have nothing else
        seeds = tuple(seed for seed in curve.seeds if curve.cells.get((0, seed)) in left)
        if seeds and not begun(curve, have)[0]:
            left -= {curve.cells[0, seed] for seed in seeds}
            yield position, ((0,), seeds)


def _values(study: Study, source: Path, folder: Path) -> dict[str, Any]:
    if source.parent.resolve() == folder.resolve():
        return dict(written_values(source))
    return study.model_dump(mode="json", exclude_defaults=True)
