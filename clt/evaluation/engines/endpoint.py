"""Greedy decoding by a server that speaks OpenAI's protocol and takes token ids, such as vLLM."""

from collections.abc import Sequence
from typing import Literal

from clt.endpoints import REFUSED, Reply, Request, ask
from clt.errors import EndpointError
from clt.evaluation.engines.engine import Stop, Written
from clt.store import Store
from clt.study import Endpoint


class EndpointEngine:
    """One request a prompt; every answer is kept by prompt and weights, so a kill loses none of them."""

    name = "openai"

    def __init__(self, store: Store, endpoint: Endpoint, *, weights: str, version: str) -> None:
        """Ask an endpoint.

        Args:
            store: Where its answers are kept.
            endpoint: Which; its `model` has these weights.
            weights: What determines the weights: a digest or a key, under which answers are kept.
            version: Of the program that decodes.
        """
        self._store, self._endpoint, self._weights, self.version = store, endpoint, weights, version

    def generate(self, prompts: Sequence[Sequence[int]], *, stop: Stop, max_new_tokens: int) -> list[Written]:
        """What follows each prompt, in the order of the prompts; tokens are counted by the endpoint.

        Raises:
            EndpointError: It cannot be used, or refuses a prompt.
        """
        requests = [_request(prompt, stop, max_new_tokens) for prompt in prompts]
        asked = ask(self._store, self._endpoint, requests, model=f"{self._weights} by {self.version}")
        return [self._written(reply, stop) for reply in asked.replies]

    def _written(self, reply: Reply, stop: Stop) -> Written:
        if reply.finish == REFUSED:
            raise EndpointError(f"endpoint {self._endpoint.url}: refused a prompt: {reply.text}")
        at = min((place for each in stop.texts if (place := reply.text.find(each)) >= 0), default=None)
        finish: Literal["stop", "length"] = "length" if reply.finish == "length" and at is None else "stop"
        return Written(text=reply.text[:at], tokens=reply.completion_tokens, finish=finish)


def _request(prompt: Sequence[int], stop: Stop, max_new_tokens: int) -> Request:
    body = {
        "prompt": list(prompt),
        "max_tokens": max_new_tokens,
        "temperature": 0,
        "stop": list(stop.texts),
        "stop_token_ids": sorted(stop.tokens),  # vLLM's own; other servers end at the model's stop token
    }
    return Request("completions", body)
