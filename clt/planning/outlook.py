"""What a study would compute in a store that has some of it, and why, before anything is computed.

A step's key is a hash of its identity, so the reason why a result is not there is where its identity differs from that
of the same cell in an earlier plan of the store.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clt.errors import StoreError
from clt.store import Store, TrainingMetadata, evaluated_steps, gone_steps, missing_answers, read_record, wants_weights
from clt.study import Cell, Identity, StudyRecord

NEW = "no plan of the store has such a cell"
NOT_DONE = "planned before, and not complete"
OLDER = "planned by an older version, whose keys held other things"
LATEST_PLANS = 20  # that are compared with
SHOWN_DIFFERENCES = 4
# What a digest stands for, where nothing else can be said than that it differs.
DIGESTS = {
    "rows": "rows of {}",
    "validation": "validation rows of {}",
    "left_out": "what is left out of {}",
    "items": "test items of {}",
    "model": "the model's files",
    "weights": "the weights",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class StepOutlook:
    step: str  # "mixtures", "trainings" or "evaluations"
    total: int  # different outputs of the study's cells
    complete: int  # there, or needed no more because the scores that come of them are
    reasons: Mapping[str, int]  # why the others are to be made -> how many of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    store: str  # its uri
    steps: tuple[StepOutlook, ...] = ()
    unknown: str = ""  # why nothing can be said; then there are no steps


def look_ahead(store: Store, record: StudyRecord) -> Outlook:
    """What of a study is complete in a store, and why the rest is not. Reads the store only.

    Args:
        store: May be empty.
        record: With the cells that are asked for, and the rows that they draw.
    """
    plans = _latest_plans(store)
    scored = store.manifests(record.evaluation_key(cell) for cell in record.grid.cells)
    settled = {
        cell.key
        for cell in record.grid.cells
        if record.evaluation_key(cell) in scored and not wants_weights(store, record, cell)
    }
    # Of cells that share an output the last one speaks for it: one that still needs it, if there is any.
    ordered = sorted(record.grid.cells, key=lambda cell: cell.key not in settled)
    trained = [cell for cell in ordered if not cell.is_base]
    mixtures = _Step("mixtures", StudyRecord.mixture_key, StudyRecord.mixture_identity)
    trainings = _Step("trainings", StudyRecord.training_key, StudyRecord.training_identity)
    evaluations = _Step("evaluations", StudyRecord.evaluation_key, StudyRecord.evaluation_identity)
    return Outlook(
        store=store.uri,
        steps=(
            mixtures.outlook(store, record, trained, plans, settled),
            trainings.outlook(store, record, trained, plans, settled, _gone),
            evaluations.outlook(store, record, ordered, plans, settled, note=_still_to_ask),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    key: Callable[[StudyRecord, Cell], str]
    identity: Callable[[StudyRecord, Cell], Identity]

    def outlook(
        self,
        store: Store,
        record: StudyRecord,
        cells: Iterable[Cell],
        plans: list[StudyRecord],
        settled: Collection[str],
        again: Callable[[Store, StudyRecord, Cell], str] = lambda *_: "",
        note: Callable[[Store, StudyRecord, Cell], str] = lambda *_: "",
    ) -> StepOutlook:
        """How much of the step is there; `again`: why a complete output is made anew; `note`: what helps a new one."""
        outputs = {self.key(record, cell): cell for cell in cells}
        reasons: Counter[str] = Counter()
        for key, cell in outputs.items():
            if cell.key in settled:
                continue
            if store.manifest(key) is None:
                reasons[self._reason(record, cell, plans) + note(store, record, cell)] += 1
            elif reason := again(store, record, cell):
                reasons[reason] += 1
        complete = len(outputs) - reasons.total()
        return StepOutlook(step=self.name, total=len(outputs), complete=complete, reasons=dict(reasons.most_common()))

    def _reason(self, record: StudyRecord, cell: Cell, plans: list[StudyRecord]) -> str:
        """Where the cell differs least from what an earlier plan has under its name."""
        found = [
            list(differences(self._planned(plan, other), self.identity(record, cell))) if plan.formats else [OLDER]
            for plan in plans
            for other in plan.grid.cells
            if other.key == cell.key
        ]
        if not found:
            return NEW
        nearest = min(found, key=len)
        more = len(nearest) - SHOWN_DIFFERENCES
        shown = nearest[:SHOWN_DIFFERENCES] + ([f"{more} more"] if more > 0 else [])
        return "; ".join(shown) or NOT_DONE

    def _planned(self, plan: StudyRecord, cell: Cell) -> Identity:
        """The identity that the plan's own version gave the cell."""
        formats = {"format": plan.formats.get(self.name), "answers": plan.formats.get("answers")}
        identity = self.identity(plan, cell)
        return identity | {name: value for name, value in formats.items() if name in identity}


def differences(before: Identity, after: Identity) -> Iterator[str]:
    """In what two identities differ, a text each: `training.batch_size 32 -> 64`, `rows of math/fr differ`."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name in DIGESTS:
            yield from _other_digests(DIGESTS[name], old, new)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from (f"{name}.{text}" for text in differences(dict(old), dict(new)))
        elif "/" in name and (name not in before or name not in after):
            continue  # of a task and language: that its items are new or gone says it all
        elif name not in before or name not in after:
            yield f"{name} is {'new' if name in after else 'gone'}"
        else:
            yield f"{name} {_shown(old)} -> {_shown(new)}"


def _other_digests(text: str, old: Any, new: Any) -> Iterator[str]:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        yield f"{text} differ"
        return
    added = sorted(new.keys() - old.keys())
    changed = sorted(name for name in new.keys() & old.keys() if new[name] != old[name])
    gone = sorted(old.keys() - new.keys())
    for names, what in ((changed, "differ"), (added, "are new"), (gone, "are gone")):
        if names:
            yield f"{text.format(', '.join(names))} {what}"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _gone(store: Store, record: StudyRecord, cell: Cell) -> str:
    steps = sorted(gone_steps(store, record, cell))
    if not steps:
        return ""
    return f"weights after step {', '.join(map(str, steps))} were pruned and are wanted now: trained again for them"


def _still_to_ask(store: Store, record: StudyRecord, cell: Cell) -> str:
    """For an evaluation that is missing although some or all that the model has to answer is there."""
    training = None if cell.is_base else TrainingMetadata.read(store, record.training_key(cell))
    if training is None and not cell.is_base:
        return ""
    steps = [0] if training is None else evaluated_steps(record, training)
    missing = [answer for step in steps for answer in missing_answers(store, record, cell, step)]
    if not missing:
        return " (the answers are there: scored without a model)"
    if len(missing) == sum(len(record.answers(cell, step)) for step in steps):
        return ""
    return f" (asked for {', '.join(sorted({f'{answer.task}/{answer.language}' for answer in missing}))} alone)"


def _latest_plans(store: Store) -> list[StudyRecord]:
    """The records of the latest plans of the store, newest first; what this version cannot read is left out."""
    manifests = {key: store.manifest(key) for key in store.keys("studies")}
    created = {key: manifest.created for key, manifest in manifests.items() if manifest is not None}
    plans = []
    for key in sorted(created, key=lambda key: (created[key], key), reverse=True)[:LATEST_PLANS]:
        try:
            plans.append(read_record(store, key.removeprefix("studies/")))
        except StoreError:
            continue
    return plans
