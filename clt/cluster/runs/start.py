"""How a run begins: the study becomes a record in the store, and the run takes its share of the cells."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clt.cluster.jobs.installation import from_environment
from clt.cluster.runs.form import ALL_CELLS, EVERY_RUN, NO_REPEAT, REPEAT, STORE, STUDY, check_store
from clt.cluster.runs.note import RunNote, write_note
from clt.cluster.runs.shard import take_shard
from clt.cluster.runs.step import run_step
from clt.errors import StudyError, UserError
from clt.store import Store, read_text
from clt.study import Study, StudyRecord, expand, load_study, resolve

# Kubeflow copies every parameter about seven times into the workflow, whose size is limited.
MAX_INLINE_BYTES = 8_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRun:
    """What the other tasks of a run are given."""

    study_key: str
    cells: list[str]  # keys, sorted


def start_run(store_uri: str, study: str, shard: str, repeat: str, run: str) -> PlannedRun:
    """Plan a study (path, s3:// or inline YAML) and note under `runs/RUN` what this run takes of it and when it began.

    Everything is checked before anything but this step's state is written.

    Args:
        store_uri: The store's uri.
        study: The path of a study file, s3://BUCKET/PATH/study.yaml, or inline YAML of up to 8,000 bytes.
        shard: Which part of the cells the run takes, as "K/N".
        repeat: "none"; any other text to run the same cells again on purpose; "run" for the run's id.
        run: The run's id.

    Returns:
        The study's key and the run's cells.

    Raises:
        StudyError: The study, the shard or the repeat is refused, or the cluster would refuse a job of the study.
        DataError: A source of the study is refused.
        StoreError: The store is away.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    check_store(store_uri)

    def plan(store: Store) -> PlannedRun:
        loaded, text = read_study(study)
        chosen = choose_repeat(repeat, run, alone=shard == ALL_CELLS)
        is_baseline = loaded.baseline is not None and repeat == EVERY_RUN
        if is_baseline:
            from clt.baselines import begin_run

            loaded = begin_run(store, loaded, run)
        take_shard((cell.key for cell in expand(loaded, chosen).cells), shard)
        record = plan_record(store, loaded, text, chosen)
        cells = take_shard((cell.key for cell in record.grid.cells), shard)
        _check_jobs(record, store_uri)
        if is_baseline:
            from clt.baselines import note_planned

            note_planned(store, record.study, run, record.key)
        note = RunNote(study_key=record.key, repeat=record.repeat, cells=cells, shard=shard, started=started)
        write_note(store, run, note)
        return PlannedRun(study_key=record.key, cells=cells)

    return run_step(store_uri, run, "plan", plan)


def _check_jobs(record: StudyRecord, store_uri: str) -> None:
    """Where this run launches jobs: would the cluster take them from us?"""
    if (installation := from_environment()) is not None:
        if not store_uri.startswith("s3://"):
            raise StudyError(f"got {store_uri!r}, expected s3://BUCKET/PREFIX: pods share no folder", field=STORE)
        from clt.cluster.jobs.cluster import Cluster
        from clt.cluster.jobs.pod_fields import as_the_cluster_allows
        from clt.cluster.jobs.preflight import check_jobs

        cluster = Cluster.connect()
        check_jobs(cluster, record, as_the_cluster_allows(installation, cluster), store_uri)


def _pod_fields() -> tuple[str, ...]:
    """What this run's cluster lets studies say of their pods; anything where nothing launches jobs of it."""
    if from_environment() is None:
        return ("metadata", "spec")
    from clt.cluster.jobs.cluster import Cluster
    from clt.cluster.jobs.pod_fields import allowed_pod_fields

    try:
        return allowed_pod_fields(Cluster.connect())
    except UserError:  # `check_jobs` names every right that is missing, or says that the cluster does not answer
        return ()


def plan_record(store: Store, study: Study, text: str, repeat: str) -> StudyRecord:
    """The record of a study, now in the store; the same study gives the same record."""
    from clt.planning import plan_study

    return plan_study(store, study, text=text, repeat=repeat, on_cluster=from_environment() is not None)


def read_study(study: str) -> tuple[Study, str]:
    """A study with resolved paths, and its text.

    Paths in a study that is no file on this machine are relative to the working directory.
    """
    if not study.strip():
        raise StudyError(
            "is empty, expected the path of a study file, s3://BUCKET/PATH/study.yaml or YAML", field=STUDY
        )
    inline = "\n" in study.strip() or study.lstrip().startswith("{")
    if inline and (size := len(study.encode())) > MAX_INLINE_BYTES:
        raise StudyError(
            f"got {size} bytes of inline YAML, expected at most {MAX_INLINE_BYTES}; "
            "put the study into a file that the pipeline can read and give its path",
            field=STUDY,
        )
    if inline:
        return resolve(load_study(study, pod_fields=_pod_fields()), Path.cwd()), study
    if re.match(r"\w+: ", study):
        raise StudyError(
            f"got {study[:40]!r}..., which is YAML without line breaks, as the field of a form leaves it; expected a "
            "single line that begins with {, such as JSON, or the path of a study file or s3://BUCKET/PATH/study.yaml",
            field=STUDY,
        )
    if study.startswith("s3://"):
        text = read_text(study)
        return resolve(load_study(text, name=study, pod_fields=_pod_fields()), Path.cwd()), text
    if "://" in study:
        raise StudyError(
            f"got {study!r}, expected the path of a study file, s3://BUCKET/PATH/study.yaml or inline YAML",
            field=STUDY,
        )
    loaded = load_study(study, pod_fields=_pod_fields())
    return resolve(loaded, Path(study).parent), Path(study).read_text(encoding="utf-8")


def choose_repeat(repeat: str, run: str, *, alone: bool) -> str:
    """The repeat of a run's cells: the text itself, or the run's id. StudyError for the id if the run is not alone."""
    if repeat != EVERY_RUN:
        return "" if repeat == NO_REPEAT else repeat
    if not alone:
        raise StudyError(
            f"got {repeat!r} for a study in several runs, expected any other text: each of the runs would have a "
            "repeat of its own, and they must share one",
            field=REPEAT,
        )
    return run
