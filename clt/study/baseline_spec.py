"""The `baseline` of a study file: a study that runs again and again, and what is an alarm."""

from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt, field_validator

from clt.study.fields import Count, Name, Spec, TaskName


class Primary(Spec):
    task: TaskName
    """The task."""
    languages: Literal["english", "trained", "held_out"] | tuple[str, ...] = "held_out"
    """The languages whose mean it is: a role, or codes."""
    metric: str | None = None
    """One of the task's metrics; by default its first."""
    model: Name | None = None
    """By default the study's first."""
    mixture: Name | None = None
    """By default the study's first."""
    samples_per_language: Count | None = None
    """By default the mixture's largest n."""


class Webhook(Spec):
    url_from: str
    """The name of the environment variable (on a cluster: of the Secret's entry) that holds the address, never the
    address itself: that of a chat's webhook is a secret.
    """
    format: Literal["json", "slack"] = "json"
    """`json`: what changed, field by field; `slack`: `{"text": ...}`, which Slack, Mattermost and others take."""
    sign_with: str | None = None
    """The name of the variable with the key that requests are signed with (HMAC-SHA256); by default unsigned."""

    @field_validator("url_from", "sign_with")
    @classmethod
    def _name_of_a_variable(cls, value: str | None) -> str | None:
        # Not shown: it may be the address or the key itself.
        if value is not None and not (value.isupper() and value.replace("_", "").isalnum() and value.isascii()):
            raise ValueError("got no name of an environment variable, expected one such as BASELINE_WEBHOOK")
        return value


class Keep(Spec):
    """What of old runs `clt gc` lets stand; scores and per-item tables of all runs stay."""

    runs: Annotated[int, Field(ge=1)] = 8
    """Weights, rows and answers of the last so many runs."""
    monthly: bool = True
    """And of the first run of every month."""


class Baseline(Spec):
    primary: Primary
    """The comparison that the promise is mostly about."""
    primary_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Its share of `alpha`; the other comparisons (each model, mixture, n, task and language) share the rest alike."""
    worth: PositiveFloat
    """The drop that is worth an alarm, in the primary metric's unit. Where runs hardly differ (a base model, a fixed
    seed), what differs by less than an eighth of it is no evidence."""
    horizon: Annotated[int, Field(ge=2)] = 52
    """Runs that `alpha` is promised for: 52 weekly ones are a year."""
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """Probability of any false alarm within the horizon."""
    first_runs: Annotated[int, Field(ge=3)] = 5
    """Runs that are taken as in control: what they differ by is chance."""
    seeds: Literal["rotate", "fixed"] = "rotate"
    """`rotate`: each run takes the next one of the study's `seeds`; `fixed`: every run takes all of them, and equal
    software gives equal bits on a CPU."""
    seeds_per_run: PositiveInt = 1
    """With `rotate`: how many of them a run takes; its scores are their mean."""
    keep: Keep = Keep()
    """What of old runs stays."""
    notify: tuple[Webhook, ...] = ()
    """Who is told of a change, once."""
