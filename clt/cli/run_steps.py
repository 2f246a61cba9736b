"""What became of every step of a run, put together from the store, the run's pods and Kubeflow's API.

The store has each step's own state and error; the pods tell of steps that never came to writing one, such as an image
that cannot be pulled; the API has states by name alone, no errors, and calls what was never run pending.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clt.cli.run_pods import RunPod
from clt.cluster import CELL_STEPS, RUN_STEPS, RunProgress, StepProgress

Steps = dict[tuple[str, str], StepProgress]  # (cell or "", step)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSteps:
    """A run's cells in the order of their iterations, and every step of which anything is known."""

    cells: Sequence[str]
    steps: Mapping[tuple[str, str], StepProgress]
    unexplained: Sequence[str]  # tasks that failed by the API, and nothing says why; Kubeflow's own drivers among them


def put_together(run: Any, progress: RunProgress | None, pods: Sequence[RunPod], *, over: bool) -> RunSteps:
    """Everything that is known.

    Args:
        run: As the API has it.
        progress: What the store knows; None if it could not be read.
        pods: The run's; none if they could not be read.
        over: Whether the run has ended, so that nothing of it runs.
    """
    cells = list(progress.cells) if progress is not None else []
    cells += [f"iteration {index}" for index in range(len(cells), 1 + max(_iterations(pods), default=-1))]
    steps: Steps = dict(progress.steps) if progress is not None else {}
    for pod in pods:
        _add_pod(steps, pod, "" if pod.iteration is None else cells[pod.iteration])
    if over:
        steps = {each: _ended(step) for each, step in steps.items()}
    return RunSteps(cells=cells, steps=steps, unexplained=_unexplained(run, steps))


def states_by_name(run: Any) -> dict[str, Counter[str]]:
    """By step and by Kubeflow's own driver of it, how many of its tasks the API has in which state."""
    found: dict[str, Counter[str]] = {}
    for detail in (run.run_details.task_details if run.run_details else None) or []:
        name = (detail.display_name or "").replace("-", "_")
        if name.removesuffix("_driver") in (*CELL_STEPS, *RUN_STEPS):
            found.setdefault(detail.display_name, Counter())[str(detail.state or "PENDING").lower()] += 1
    return found


def _iterations(pods: Iterable[RunPod]) -> list[int]:
    return [pod.iteration for pod in pods if pod.iteration is not None]


def _add_pod(steps: Steps, pod: RunPod, cell: str) -> None:
    """What a pod adds to a step that did not say itself how it ended."""
    key = (cell, pod.task.removesuffix("-driver").replace("-", "_"))
    known = steps.get(key)
    if known is not None and (known.state != "running" or pod.is_driver):
        return
    who = "Kubeflow's driver of it: " if pod.is_driver else ""
    if pod.phase == "Failed":
        steps[key] = StepProgress(state="failed", error=f"{who}{pod.problem or 'its pod failed'}")
    elif pod.hangs:
        steps[key] = StepProgress(state="waiting", error=f"{who}{pod.problem}")
    elif pod.phase == "Running" and known is None and not pod.is_driver:
        steps[key] = StepProgress(state="running")


def _ended(step: StepProgress) -> StepProgress:
    """Of a run that is over: nothing of it is still at work."""
    if step.state not in ("running", "waiting"):
        return step
    return StepProgress(state="interrupted", seconds=step.seconds, error=step.error)


def _unexplained(run: Any, steps: Steps) -> list[str]:
    explained = {step for (_, step), known in steps.items() if known.error}
    failed = [name for name, states in states_by_name(run).items() if states["failed"]]
    return sorted(name for name in failed if name.removesuffix("-driver").replace("-", "_") not in explained)
