"""What a study asks of its judge: a call for every answer of every evaluated checkpoint, in each judged task.

Tokens are reckoned by the evaluated model's `bytes_per_token` and with the longest answers and replies, so they are an
upper bound; replies that cannot be read and are asked for again come on top.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from clt.planning.cost import CellCost
from clt.study import Judge, Model, StudyRecord, is_judged, judge_prompt


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgeCost:
    calls: int
    prompt_tokens: int
    completion_tokens: int


def judge_cost(record: StudyRecord, cells: Iterable[CellCost]) -> JudgeCost | None:
    """What the judge is asked for these cells, and reads and writes at most; None for a study without one."""
    judge = record.study.judge
    if judge is None:
        return None
    calls, prompt_tokens = 0, 0.0
    for cost in cells:
        items, tokens = _one_checkpoint(record, cost, judge)
        calls += cost.evaluated_checkpoints * items
        prompt_tokens += cost.evaluated_checkpoints * tokens
    return JudgeCost(calls=calls, prompt_tokens=round(prompt_tokens), completion_tokens=calls * judge.max_tokens)


def _one_checkpoint(record: StudyRecord, cost: CellCost, judge: Judge) -> tuple[int, float]:
    """Answers that are judged of one checkpoint, and the tokens that the judge reads for them."""
    study, model = record.study, record.model(cost.cell)
    count, tokens = 0, 0.0
    for task in cost.cell.tasks:
        if not is_judged(study, [task]):
            continue
        longest = study.tasks[task].max_new_tokens or study.evaluation.max_new_tokens
        for language in study.evaluated(task):
            facts = record.facts.source(task, "test", language)
            items = min(facts.rows, study.evaluation.max_items or facts.rows)
            count += items
            tokens += items * (_tokens(facts.mean_bytes + _template_bytes(judge), model) + longest)
    return count, tokens


def _tokens(size: float, model: Model) -> float:
    return size / model.bytes_per_token


def _template_bytes(judge: Judge) -> int:
    prompt = judge_prompt(judge.prompt)
    return len((prompt.system + prompt.user).encode())
