"""How answers came about: what tells a gain in answering from one in, say, ending or keeping to the language."""

from collections.abc import Sequence

from clt.evaluation.answers import GeneratedText, Given
from clt.evaluation.items import Item
from clt.metrics import Answer, TextAnswer, has_answer, score_answers
from clt.store import AnswerRates
from clt.study import Task


def answer_rates(
    spec: Task, task: str, items: Sequence[Item], given: Sequence[Given], seen: Sequence[Answer]
) -> AnswerRates:
    """The counts of one task and language; the three sequences are of the same items.

    Where answers are likelihoods, what is said of texts is 0; and commands and code are in no language.
    """
    wanted = 0 if spec.shots is None else spec.shots.count
    texts = [answer for answer in seen if isinstance(answer, TextAnswer)]
    return AnswerRates(
        task=task,
        language=items[0].language,
        items=len(items),
        no_answer=sum(not _is_answer(spec, text) for text in texts),
        wrong_language=0 if "command_match" in spec.metrics else _in_another_language(texts),
        hit_limit=sum(isinstance(answer, GeneratedText) and answer.finish == "length" for answer in given),
        truncated=sum(answer.truncated for answer in given),
        lost_examples=sum(answer.examples < wanted for answer in given),
    )


def _in_another_language(texts: Sequence[TextAnswer]) -> int:
    return sum(score == 0 for score in score_answers("language_fidelity", texts))


def _is_answer(spec: Task, answer: TextAnswer) -> bool:
    return bool(answer.text) and all(has_answer(name, answer) is not False for name in spec.metrics)
