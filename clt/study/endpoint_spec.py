"""Endpoints that speak OpenAI's protocol (vLLM, KServe, a provider, a server here), and the `judge` of a study file."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from clt.study.fields import Spec
from clt.study.places import shown

# Programs that a server may be, unless a variable names others: anybody may have written a study.
SERVERS_VARIABLE = "CLT_SERVERS"
SERVERS = ("vllm", "sglang")  # `transformers serve` lists none but the models of the hub's cache
RESERVED_REQUEST = ("messages", "model", "stream", "n")
# Variables that hold other keys than an endpoint's: no study may have one sent to an address of its choice.
_KEYS_OF_OTHERS = re.compile(
    r"(?:AWS_|HF_|HUGGING|MINIO|GITHUB_|GITLAB_|WANDB_|MLFLOW_|KFP_|KUBE|AZURE_|GOOGLE_|OBJECT_STORE)"
    r"|.*(?:SECRET|PASSWORD)"
)


class Endpoint(Spec):
    url: str
    """Its address, up to and with `/v1`; no user name, password or query in it."""
    model: Annotated[str, Field(min_length=1)]
    """The model's name there. Replies are kept by it: if it comes to mean another model, take another store."""
    key: str | None = None
    """The name of the environment variable (on a cluster: of the Secret's entry) that holds the key, never the key
    itself; by default the endpoint wants none. A key for this endpoint alone: names of other services' keys, such as
    `AWS_...` and `HF_...`, are refused.
    """
    concurrency: Annotated[int, Field(ge=1, le=512)] = 8
    """Requests under way at a time."""
    timeout_seconds: PositiveFloat = 600.0
    """Seconds that a request may take in all, its repetitions and pauses included; one slow reply may take all."""

    @field_validator("url")
    @classmethod
    def _no_secret(cls, value: str) -> str:
        if "@" in value:
            raise ValueError("got an address with a user in it, expected one without: the key comes from a variable")
        if "?" in value or "#" in value:  # not shown: it may hold a key
            raise ValueError("got an address with a query, expected one without: the key comes from a variable")
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            raise ValueError(f"got {shown(value)}, expected an address such as https://judge.example/v1")
        return value

    @field_validator("key")
    @classmethod
    def _name_of_a_variable(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):  # not shown: it may be the key itself
            raise ValueError("got no name of an environment variable, expected one such as JUDGE_KEY, never the key")
        if value is not None and _KEYS_OF_OTHERS.match(value):
            raise ValueError(f"got {value}, expected the name of a key for this endpoint alone, such as JUDGE_KEY")
        return value


class Server(Spec):
    """A program that serves one checkpoint after the other."""

    server: tuple[str, ...] = Field(min_length=1)
    """Its command, such as `[vllm, serve, "{model}", --port, "{port}"]`: started for each checkpoint and ended
    afterwards. It gets token ids at /v1/completions.
    """
    start_minutes: PositiveFloat = 30.0
    """How long it may take until it answers."""
    concurrency: Annotated[int, Field(ge=1, le=512)] = 64
    """Prompts under way at a time."""
    timeout_seconds: PositiveFloat = 600.0
    """Seconds that a prompt may take in all."""

    @field_validator("server")
    @classmethod
    def _places(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        text = " ".join(value)
        if missing := [place for place in ("{model}", "{port}") if place not in text]:
            raise ValueError(f"got {text!r} without {' and '.join(missing)}, expected both in the command")
        try:
            text.format(model="", port=0)
        except (LookupError, ValueError):
            raise ValueError(f"got {text!r}, expected no braces but {{model}} and {{port}}") from None
        return value


class Judge(Spec):
    endpoint: Endpoint
    """Where the judge answers."""
    prompt: Literal["instruction-v1", "any-language-v1"] = "instruction-v1"
    """What it is asked: `instruction-v1` gives 1 to an answer in another language than asked for,
    `any-language-v1` rates it as if it were in the right one.
    """
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """How often it is asked for a reply that can be read; after that the item is unscored."""
    max_tokens: PositiveInt = 300
    """Longest reply: a rating and its reason."""
    request: dict[str, Any] = Field(default={})
    """Further fields of each request; `null` takes one of ours away, such as `{max_tokens: null,
    max_completion_tokens: 4000, temperature: null}` for models that think first.
    """
    noise_sd: Annotated[float, Field(ge=0)] | None = None
    """Standard deviation of repeated readings of one answer, as `clt judge-check` finds it; the report tells it."""

    @field_validator("request")
    @classmethod
    def _not_ours(cls, value: dict[str, Any]) -> dict[str, Any]:
        if taken := [name for name in RESERVED_REQUEST if name in value]:
            raise ValueError(
                f"got {', '.join(taken)}, expected none of {', '.join(RESERVED_REQUEST)}: they are set here"
            )
        return value
