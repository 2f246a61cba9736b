"""A schedule as it is to be: what it is made from, and how one that a back end has differs from it.

What it was made from stands in its description, because a back end gives a pipeline back in other words than it was
given. As `repeat` every run takes its own id, so that the same cells really run again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clt.cli.cron import five_fields, with_seconds
from clt.cli.pipeline_file import read_pipeline
from clt.cli.remote_study import RemoteStudy, read_remote_study, remote_store
from clt.cli.submit import COMPILE
from clt.cluster import ALL_CELLS, EVERY_RUN, MAX_CELLS, REPEAT, SHARD, STORE, STUDY
from clt.errors import UserError

MADE_BY = "made by clt schedule"
REPLACES = "replaces"  # in a description: the id of the one whose place it takes, and whether that was enabled
MAX_CONCURRENCY = 1
ADVICE = {
    "service account": "; its runs' pods have that account, to which manifests/ binds the launcher's Role where it is "
    "Kubeflow's default: kubectl get rolebinding clt-launcher-default -o wide"
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A schedule to be created."""

    name: str
    cron: str  # five fields
    study: RemoteStudy
    store: str
    pipeline: Path
    experiment: str
    service_account: str

    @property
    def parameters(self) -> dict[str, str]:
        return {STUDY: self.study.argument(self.store), STORE: self.store, SHARD: ALL_CELLS, REPEAT: EVERY_RUN}

    @property
    def cautions(self) -> Iterator[str]:
        """What is allowed and hardly meant, a line each."""
        if self.study.is_baseline and not read_pipeline(self.pipeline).judges_baselines:
            yield (
                f"{self.pipeline} does not judge the study's `baseline` and tells nobody of a change; compile one that "
                "does with `clt compile --baseline -o FILE`"
            )

    @property
    def description(self) -> str:
        """What it is made from, a line each; equal descriptions mean equal schedules."""
        facts = {
            "cron": self.cron,
            "study": str(self.study),
            "store": self.store,
            "pipeline": f"sha256 {read_pipeline(self.pipeline).checksum[:12]}",
            "experiment": self.experiment,
            "service account": self.service_account,
        }
        return "\n".join([MADE_BY, *(f"{name}: {value}" for name, value in facts.items())])


def read_schedule(
    name: str, cron: str, path: str, store: str, *, pipeline: Path, experiment: str | None, service_account: str
) -> Schedule:
    """A schedule whose parts are all checked. Raises UserError."""
    with_seconds(cron)
    study = read_remote_study(path, EVERY_RUN)
    if len(study.shards) > 1:
        raise UserError(
            f"{path}: the study has {study.cells} cells, expected at most {MAX_CELLS} in a schedule, which is one run; "
            "make a smaller study of it, such as one n and one seed: a baseline needs no whole grid"
        )
    schedule = Schedule(
        name=name,
        cron=" ".join(cron.split()),
        study=study,
        store=remote_store(store),
        pipeline=pipeline,
        experiment=experiment or study.name,
        service_account=service_account,
    )
    read_pipeline(pipeline).require_parameters(schedule.parameters, COMPILE)
    return schedule


def differences(existing: Any, wanted: Schedule) -> str:
    """A line for everything that is not the same; empty if nothing is."""
    if not (existing.description or "").startswith(MADE_BY):
        return "  it was not made by clt schedule"
    there, here = _facts(existing.description), _facts(wanted.description)
    lines = [
        f"  {name}: {there.get(name, 'nothing')} there, {value} here"
        for name, value in here.items()
        if there.get(name) != value
    ]
    cron = five_fields(existing.trigger.cron_schedule.cron)
    if there.get("cron") != cron:
        lines.append(f"  cron: changed there to {cron} since")
    return "\n".join(lines)


def replacement(wanted: Schedule, old: Any) -> str:
    """The description of a schedule that is to take the place of an old one."""
    return f"{wanted.description}\n{REPLACES}: {old.recurring_run_id}, {state_of(old)}"


def replaced(new: Any) -> tuple[str, str]:
    """The id of the schedule whose place this one takes and its state when that began; empty for none."""
    identity, _, state = _facts(new.description or "").get(REPLACES, "").partition(", ")
    return identity, state


def stored_otherwise(stored: Any, wanted: Schedule, *, enabled: bool = True) -> Iterator[str]:
    """A line for everything that the back end stored in another way than it was sent.

    A back end 2.14 takes an account and stores its default one.
    """
    schedule = stored.trigger.cron_schedule if stored.trigger else None
    parameters = (stored.runtime_config.parameters if stored.runtime_config else None) or {}
    pairs: dict[str, tuple[object, object]] = {
        "service account": (stored.service_account, wanted.service_account),
        "cron": (schedule and five_fields(schedule.cron), wanted.cron),
        "runs at once": (str(stored.max_concurrency), str(MAX_CONCURRENCY)),
        "no catch-up": (bool(stored.no_catchup), True),
        "enabled": (state_of(stored), "enabled" if enabled else "disabled"),
    }
    pairs |= {f"parameter {name}": (parameters.get(name), value) for name, value in wanted.parameters.items()}
    for name, (there, here) in pairs.items():
        if there != here:
            yield f"the back end stored another {name}: {there or 'none'}, sent was {here}" + ADVICE.get(name, "")


def state_of(recurring: Any) -> str:
    """Enabled, disabled or unknown."""
    return str(recurring.status or "unknown").lower()


def _facts(description: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in description.splitlines()[1:] if ": " in line)
