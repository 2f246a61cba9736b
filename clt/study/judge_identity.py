"""Whether a study has the judge that its tasks need, what determines its ratings, and where they are kept."""

from collections.abc import Iterable, Iterator
from typing import Any

from clt.hashing import digest
from clt.metrics import METRICS
from clt.study.judge_prompts import judge_prompt
from clt.study.places import Problem
from clt.study.spec import Study


def is_judged(study: Study, tasks: Iterable[str]) -> bool:
    """Whether one of these tasks has a metric that the study's judge scores."""
    return any(METRICS[metric].judged for task in tasks for metric in study.tasks[task].metrics)


def judge_problems(study: Study) -> Iterator[Problem]:
    """The tasks with a judged metric in a study without a judge."""
    for name, task in study.tasks.items():
        for index, metric in enumerate(task.metrics):
            if METRICS[metric].judged and study.judge is None:
                yield (
                    ("tasks", name, "metrics", index),
                    f"got {metric!r} in a study without `judge`, expected `judge.endpoint`: the model that rates",
                )


def judge_identity(study: Study) -> dict[str, Any]:
    """What determines the ratings beside the answers: model, prompt, request, and how replies are read.

    Where the endpoint is, how many requests it takes and what is known of its noise are no part of it. Empty for a
    study without a judge.
    """
    judge = study.judge
    if judge is None:
        return {}
    return {
        "model": judge.endpoint.model,
        "prompt": judge.prompt,
        "prompt_digest": judge_prompt(judge.prompt).digest,
        "attempts": judge.attempts,
        "max_tokens": judge.max_tokens,
        "request": judge.request,
        "version": METRICS["judge"].version,
    }


def judgement_key(study: Study, answers_key: str) -> str:
    """Where the ratings of one answers artifact by the study's judge are."""
    return "judgements/" + digest({"answers": answers_key, "judge": judge_identity(study)})
