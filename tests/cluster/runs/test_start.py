"""How a run begins: its note, its share of the cells, and its repeat."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from clt.cluster import await_runs, describe_plan, planned_study, start_run
from clt.errors import StudyError
from clt.store import Store, open_store, read_record

RUN = "6e0a2f9c-4c1b-4f7e-9a51-0d2f6b1c7e33"


def test_the_note_says_what_the_run_takes_and_when_it_began(study: str, store: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    run = start_run(store, study, "1/2", "none", RUN)  # what Kubeflow's form sends
    note = open_store(store).manifest(f"runs/{RUN}")
    assert note is not None
    assert note.metadata["study_key"] == run.study_key == planned_study(store, RUN)
    assert (note.metadata["cells"], note.metadata["shard"], note.metadata["repeat"]) == (run.cells, "1/2", "")
    assert before <= datetime.fromisoformat(note.metadata["started"]) <= datetime.now(UTC)


def test_the_plan_of_a_shard_shows_its_cells_alone(study: str, store: str) -> None:
    # It used to fail for want of the cells of the study's other points.
    for shard in ("1/2", "2/2"):
        run = start_run(store, study, shard, "", f"run-{shard[0]}")
        text = describe_plan(store, run)
        assert f"# sums: {len(run.cells)} of 4 cells in this run" in text
        assert [f"| {index} | {cell} |" in text for index, cell in enumerate(run.cells)] == [True, True]


def test_repeat_run_computes_cells_anew_in_every_run_but_mixes_once(study: str, store: str) -> None:
    records = []
    for run in (RUN, RUN.replace("6", "7")):
        record = read_record(open_store(store), start_run(store, study, "1/1", "run", run).study_key)
        assert record.repeat == run
        records.append(record)
    one, two = records
    for first, second in zip(one.grid.cells, two.grid.cells, strict=True):
        assert first.key != second.key
        assert one.evaluation_key(first) != two.evaluation_key(second)
        if not first.is_base:
            assert one.training_key(first) != two.training_key(second)
            assert one.mixture_key(first) == two.mixture_key(second)


def test_a_second_try_of_the_plan_takes_the_same_cells(study: str, store: str) -> None:
    assert start_run(store, study, "1/1", "run", RUN) == start_run(store, study, "1/1", "run", RUN)


def test_repeat_run_needs_a_study_in_one_run(study: str, store: str) -> None:
    with pytest.raises(StudyError, match="repeat_label: got 'run' for a study in several runs, expected any other"):
        start_run(store, study, "1/2", "run", RUN)
    with pytest.raises(StudyError, match="repeat_label: got 'run' for a study in several runs, expected any other"):
        await_runs(store, study, "run", RUN)


def test_other_schemes_are_refused(store: str) -> None:
    with pytest.raises(StudyError, match=r"expected the path of a study file, s3://BUCKET/PATH/study\.yaml or"):
        start_run(store, "https://example.org/study.yaml", "1/1", "", RUN)


def test_a_study_may_stand_on_one_line_that_begins_with_a_brace(
    study: str, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The field of Kubeflow's form drops line breaks: what was YAML was then looked for as a file.
    monkeypatch.chdir(Path(study).parent)
    text = Path(study).read_text(encoding="utf-8")
    run = start_run(store, json.dumps(yaml.safe_load(text)), "1/1", "", RUN)
    assert run.cells == start_run(store, text, "1/1", "", "another").cells
    with pytest.raises(StudyError, match=r"study_yaml_or_uri: got 'name: .*'\.\.\., which is YAML without line breaks"):
        start_run(store, text.replace("\n", ""), "1/1", "", "third")


@pytest.mark.parametrize(
    ("store_uri", "text", "shard", "message"),
    [
        ("", None, "1/1", "store_uri: store: got ''"),
        ("gs://bucket/p", None, "1/1", "store_uri: store 'gs://bucket/p': got the scheme 'gs'"),
        (None, " ", "1/1", "study_yaml_or_uri: is empty, expected"),
        (None, None, "", "shard_of_cells: got '', expected K/N"),
    ],
)
def test_a_mistake_in_the_form_is_named_by_its_field(
    study: str, store: str, store_uri: str | None, text: str | None, shard: str, message: str
) -> None:
    with pytest.raises(StudyError) as refused:  # which is tried once
        start_run(store if store_uri is None else store_uri, text or study, shard, "none", RUN)
    assert str(refused.value).startswith(message)


def test_a_bucket_that_is_not_there_is_a_mistake_in_the_form(study: str, object_store: Store) -> None:
    with pytest.raises(StudyError, match=r"^store_uri: .*there is no bucket 'no-such-bucket'"):
        start_run("s3://no-such-bucket/p", study, "1/1", "none", RUN)


def test_the_overview_shows_no_cost_as_nothing(study: str, store: str) -> None:
    """A cell of two seconds took 0.00 hours."""
    text = describe_plan(store, start_run(store, study, "1/1", "none", RUN))
    assert " 0.00 " not in text and " 0.0 " not in text
    assert text.startswith("# sums: 4 of 4 cells in this run\n")
