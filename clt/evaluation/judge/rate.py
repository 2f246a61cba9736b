"""Ask the judge for a rating of each answer, and again where its reply cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clt.endpoints import REFUSED, Reply, Request, ask, forget
from clt.errors import EndpointError
from clt.evaluation.judge.rating import LOWEST, read_rating
from clt.store import Store
from clt.study import Judge, judge_prompt, language_name

FEWEST_UNRATED = 3  # answers of which none can be rated: they are not all to blame


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the judge is shown."""

    language: str  # its code
    question: str
    answer: str


@dataclass(kw_only=True, slots=True)
class Judgement:
    rating: int | None = None  # None: no reply could be read
    replies: list[Reply]  # one an attempt; none for an empty answer

    @property
    def last(self) -> str:
        """What the judge said last, as it came."""
        return self.replies[-1].text if self.replies else ""


@dataclass(frozen=True, slots=True)
class Ratings:
    judgements: list[Judgement]  # one an answer, in their order
    calls: int  # that were answered now
    kept: int  # replies that were in the store


def rate(store: Store, judge: Judge, answers: Sequence[Answered], *, reading: int = 1, occasion: str = "") -> Ratings:
    """A rating from 1 to 5 for every answer; an empty one is 1, and nobody is asked.

    A reply that cannot be read is asked for again, up to `judge.attempts` times in all, with a reminder of the form and
    another seed. After that the item has no rating: a judge that fails says nothing of the answer.

    Args:
        store: Where replies are kept: what was asked once is not asked again.
        judge: Who is asked, and what.
        answers: What is rated.
        reading: Another number reads all anew, to see how ratings vary.
        occasion: Another name, such as a date, reads all anew, to see whether they drift; a study's has none.

    Raises:
        EndpointError: The endpoint cannot be used, or refuses every request, of three or more.
    """
    judgements = [Judgement(replies=[], rating=None if each.answer.strip() else LOWEST) for each in answers]
    calls, kept, said = 0, 0, list[Request]()
    for attempt in range(1, judge.attempts + 1):
        unread = [index for index, each in enumerate(judgements) if each.rating is None and not _is_refused(each)]
        # the attempt counts where the seed was taken away and the reply was empty, too
        number = (reading - 1) * judge.attempts + attempt
        named = f"{occasion}, {number}" if occasion else number
        requests = [_request(judge, answers[index], judgements[index], attempt, named) for index in unread]
        asked, said = ask(store, judge.endpoint, requests), [*said, *requests]
        if attempt == 1 and asked.refusal:
            raise EndpointError(
                f"endpoint {judge.endpoint.url}, model {judge.endpoint.model!r}: refused each of {asked.calls} "
                f"requests: {asked.refusal}; mend `judge.request` or `judge.max_tokens`"
            )
        calls, kept = calls + asked.calls, kept + len(requests) - asked.calls
        for index, reply in zip(unread, asked.replies, strict=True):
            judgements[index].replies.append(reply)
            judgements[index].rating = None if reply.finish == REFUSED else read_rating(reply.text)
    _require_a_rating(store, judge, answers, judgements, said)
    return Ratings(judgements, calls, kept)


def _require_a_rating(
    store: Store, judge: Judge, answers: Sequence[Answered], judgements: Sequence[Judgement], said: Sequence[Request]
) -> None:
    """EndpointError where a judge that was asked of several answers rated none: it does not do what it is asked."""
    pairs = zip(answers, judgements, strict=True)
    asked = {answer: each for answer, each in pairs if each.replies and not _is_refused(each)}
    if len(asked) < FEWEST_UNRATED or any(each.rating is not None for each in asked.values()):
        return
    forget(store, judge.endpoint, said)
    raise EndpointError(
        f"endpoint {judge.endpoint.url}, model {judge.endpoint.model!r}: no reply about {len(asked)} answers holds a "
        f"rating that can be read; one of them: {next(iter(asked.values())).last[:200]!r}; raise `judge.max_tokens`, "
        "mend `judge.request` or the chat template of the server, and run again: these replies are asked for anew"
    )


def _is_refused(judgement: Judgement) -> bool:
    return bool(judgement.replies) and judgement.replies[-1].finish == REFUSED


def _request(judge: Judge, answered: Answered, before: Judgement, attempt: int, reading: int | str) -> Request:
    prompt = judge_prompt(judge.prompt)
    asked = prompt.filled(language=language_name(answered.language), question=answered.question, answer=answered.answer)
    messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": asked}]
    if before.last.strip():
        messages += [{"role": "assistant", "content": before.last}, {"role": "user", "content": prompt.reminder}]
    fields: dict[str, Any] = {
        "messages": messages,
        "temperature": 0,
        "max_tokens": judge.max_tokens,
        "seed": attempt,
        **judge.request,
    }
    body = {name: value for name, value in fields.items() if value is not None}
    return Request("chat/completions", body, reading=reading)
