"""The step that fetches: it is there for whoever looks at a run, and costs a study without hub models nothing."""

import pytest

from clt.cluster import fetch_step, read_progress, start_run
from clt.store import open_store

RUN = "run-1"


def test_a_study_without_hub_models_has_nothing_to_fetch(
    study: str, store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = start_run(store, study, "1/1", "none", RUN)
    fetch_step(store, planned.study_key, RUN)
    assert "no hub models in this study" in capsys.readouterr().out
    assert read_progress(store, RUN).steps["", "fetch"].state == "done"
    assert open_store(store).keys("models") == []
