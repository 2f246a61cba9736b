"""The pipeline for recurring baselines: the same tasks and one more, which alone reaches the webhooks' addresses."""

from dataclasses import replace
from pathlib import Path

import pytest

from clt.errors import UserError
from clt.pipelines.compile import compile_pipeline
from clt.pipelines.compile_options import CompileOptions
from tests.pipelines.compiled import FULL, Compiled, compiled
from tests.pipelines.test_compiled_pipeline import MAX_BYTES

OPTIONS = replace(FULL, baseline=True, webhook_secret="webhooks")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("compiled"), OPTIONS)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("compiled"), FULL)


def test_it_has_one_task_more(pipeline: Compiled, without: Compiled) -> None:
    assert set(pipeline.leaves) - set(without.leaves) == {"baseline"}
    assert set(without.leaves) <= set(pipeline.leaves)
    assert pipeline.outputs("baseline") == {"verdict": "Markdown", "history": "HTML", "verdict_metrics": "Metrics"}
    assert pipeline.path.stat().st_size < MAX_BYTES


def test_a_verdict_is_made_after_the_statistics_whatever_failed_before_it(pipeline: Compiled) -> None:
    """As the exit hook of the sub-pipeline whose own hook the statistics are: nothing can wait for a hook."""
    watched = pipeline.spec["components"]["comp-watched"]["dag"]["tasks"]
    assert set(watched) == {"measure", "baseline"}
    assert watched["baseline"]["dependentTasks"] == ["measure"]
    assert watched["baseline"]["triggerPolicy"]["strategy"] == "ALL_UPSTREAM_TASKS_COMPLETED"
    assert "statistics" in pipeline.spec["components"]["comp-measure"]["dag"]["tasks"]
    required = pipeline.tasks["require-complete"]
    assert required["dependentTasks"] == ["watched"]
    assert required["triggerPolicy"]["strategy"] == "ALL_UPSTREAM_TASKS_COMPLETED"


def test_no_task_uses_the_cache(pipeline: Compiled) -> None:
    assert not any(task.get("cachingOptions", {}).get("enableCache") for task in pipeline.tasks.values())


def test_webhooks_are_known_to_the_task_that_tells_and_to_no_other(pipeline: Compiled) -> None:
    for task in pipeline.leaves:
        known = "webhooks" in pipeline.secrets(task)
        assert known == (task == "baseline") == ("CLT_WEBHOOK_SECRETS" in pipeline.environment(task)), task
    assert pipeline.secrets("baseline")["webhooks"] == pipeline.environment("baseline")["CLT_WEBHOOK_SECRETS"]
    assert all(each["optional"] for each in pipeline.pod("baseline")["secretAsVolume"])


def test_the_judge_of_fixed_answers_is_asked_with_its_key(pipeline: Compiled) -> None:
    secrets, environment = pipeline.secrets("baseline"), pipeline.environment("baseline")
    assert secrets["judge-keys"] == environment["CLT_ENDPOINT_KEYS"]
    assert "CLT_SERVERS" not in environment and "hub-token" not in secrets


def test_without_a_secret_no_study_can_name_a_variable_of_the_pod(tmp_path: Path) -> None:
    found = compiled(tmp_path, CompileOptions(baseline=True))
    assert set(found.secrets("baseline")) == {"clt-object-store"}
    assert {"CLT_WEBHOOK_SECRETS", "CLT_ENDPOINT_KEYS"} <= set(found.environment("baseline"))


def test_without_baselines_nothing_of_them_is_in_the_file(without: Compiled) -> None:
    text = without.path.read_text(encoding="utf-8")
    assert "baseline" not in text and "WEBHOOK" not in text and "watched" not in text


def test_a_secret_without_the_task_and_the_task_without_a_study_of_its_own_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--webhook-secret hooks: expected it with --baseline alone"):
        compile_pipeline(tmp_path / "a.yaml", CompileOptions(webhook_secret="hooks"))
    with pytest.raises(UserError, match="--baseline with --statistics-only: expected one of them"):
        compile_pipeline(tmp_path / "a.yaml", CompileOptions(baseline=True), statistics_only=True)
    with pytest.raises(UserError, match="--webhook-secret Hooks_: expected the name of an object"):
        compile_pipeline(tmp_path / "a.yaml", CompileOptions(baseline=True, webhook_secret="Hooks_"))
