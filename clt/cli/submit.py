"""`clt submit`: a study as one run of the compiled pipeline, or as several that share an experiment and a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from clt.cli.endpoint import Connection, Endpoint, connected
from clt.cli.pipeline_file import PipelineFile, read_pipeline
from clt.cli.remote_study import RemoteStudy, read_remote_study, remote_store
from clt.cli.run_status import FINISHED, outcome, wait
from clt.cluster import EVERY_RUN, REPEAT, SHARD, STORE, STUDY
from clt.errors import UserError

COMPILE = "clt compile -o FILE"
COMPILE_STATISTICS = "clt compile --statistics-only -o FILE"
IDENTITY = (STUDY, STORE, SHARD, REPEAT)  # of a run: two that agree in these compute the same


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """One run to be created."""

    name: str
    description: str
    pipeline: PipelineFile
    parameters: dict[str, str]


def submit(
    endpoint: Endpoint,
    path: str,
    store: str,
    *,
    pipeline: Path,
    statistics_pipeline: Path | None,
    experiment: str | None,
    run_name: str | None,
    service_account: str,
    repeat: str,
    wait_for_end: bool,
) -> int:
    """Check everything here, then create the runs that are not under way already; prints their ids and pages.

    A study of more cells than a run holds becomes several runs and one for the statistics. Submitting again while runs
    of the same study, store and repeat are under way creates only what is missing. Returns the exit status: with
    `wait_for_end` 1 if a run did not succeed. Raises UserError.
    """
    study, store = read_remote_study(path, repeat), remote_store(store)
    if repeat == EVERY_RUN and len(study.shards) > 1:
        raise UserError(
            f"--repeat {repeat}: got a study of {study.cells} cells, which is {len(study.shards)} runs with an id "
            "each, expected a text that they share, such as a date"
        )
    submissions = plan_submissions(study, store, pipeline, statistics_pipeline, repeat, run_name)
    with connected(endpoint) as kfp:
        study.upload(store)
        experiment_id = kfp.experiment(experiment or study.name)
        under_way = [] if repeat == EVERY_RUN else _under_way(kfp, experiment_id)
        run_ids = [
            _existing(kfp, each, under_way) or _create(kfp, experiment_id, each, service_account)
            for each in submissions
        ]
        if not wait_for_end:
            return 0
        states = wait(kfp, run_ids, lambda run_id, state: click.echo(f"{run_id}: {state}"))
    return 0 if set(states.values()) == {"succeeded"} else 1


def plan_submissions(
    study: RemoteStudy, store: str, pipeline: Path, statistics_pipeline: Path | None, repeat: str, run_name: str | None
) -> Sequence[Submission]:
    """The runs of a study, in the order in which they are created."""
    name, stamp = (run_name, "") if run_name else (study.name, datetime.now(UTC).strftime(" %Y-%m-%dT%H:%M"))
    common: dict[str, str] = {STUDY: study.argument(store), STORE: store, REPEAT: repeat}
    cells = read_pipeline(pipeline)
    cells.require_parameters([*common, SHARD], COMPILE)
    several = len(study.shards) > 1
    submissions = [
        Submission(
            name=f"{name} shard {shard}{stamp}" if several else f"{name}{stamp}",
            description=f"{study}; store {store}; shard {shard}",
            pipeline=cells,
            parameters={**common, SHARD: shard},
        )
        for shard in study.shards
    ]
    if not several:
        return submissions
    if statistics_pipeline is None:
        raise UserError(
            f"the study has {study.cells} cells, which is {len(submissions)} runs and one that waits for them and "
            f"computes the statistics, expected --statistics-pipeline FILE; compile it with `{COMPILE_STATISTICS}`"
        )
    statistics = read_pipeline(statistics_pipeline)
    statistics.require_parameters(common, COMPILE_STATISTICS)
    last = Submission(
        name=f"{name} statistics{stamp}",
        description=f"{study}; store {store}; statistics of {len(submissions)} runs",
        pipeline=statistics,
        parameters=common,
    )
    return [*submissions, last]


def _under_way(kfp: Connection, experiment_id: str) -> list[tuple[dict[str, str], str]]:
    """Parameters and id of every run of the experiment that is not over."""
    return [
        (run.runtime_config.parameters or {}, run.run_id)
        for run in kfp.runs(experiment_id)
        if run.runtime_config is not None and outcome(run) not in {*FINISHED, "cancelling"}
    ]


def _existing(kfp: Connection, wanted: Submission, under_way: Sequence[tuple[dict[str, str], str]]) -> str | None:
    """The id of a run that does the same; the run for the statistics is the one that has no shard."""
    for parameters, run_id in under_way:
        if all(parameters.get(name) == wanted.parameters.get(name) for name in IDENTITY):
            click.echo(f"under way already: {wanted.name}\n  run {run_id}  {kfp.link('runs', run_id)}")
            return run_id
    return None


def _create(kfp: Connection, experiment_id: str, wanted: Submission, service_account: str) -> str:
    from kfp_server_api import V2beta1Run, V2beta1RuntimeConfig

    run = kfp.client.runs.run_service_create_run(  # Client.run_pipeline cannot send a description
        run=V2beta1Run(
            experiment_id=experiment_id,
            display_name=wanted.name,
            description=wanted.description,
            pipeline_spec=wanted.pipeline.spec,
            runtime_config=V2beta1RuntimeConfig(parameters=wanted.parameters),
            service_account=service_account,
        )
    )
    click.echo(f"submitted: {wanted.name}\n  run {run.run_id}  {kfp.link('runs', run.run_id)}")
    return str(run.run_id)
