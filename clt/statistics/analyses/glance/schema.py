"""The first picture, in statistics.json: every language's change from English-only training to the favoured mixture."""

from clt.statistics.values import Document, Estimate


class GlanceLanguage(Document):
    language: str
    exposure: str  # english, seen or unseen in the mixture
    change: Estimate  # of the score, paired by item; the interval holds for all of the picture and of the page
    resolved: bool  # told from noise, as is the mixture's improvement


class Glance(Document):
    """What one model, setting and task gains from the mixture that is recommended for it."""

    study: str
    model: str
    setting: str
    task: str
    metric: str
    higher_is_better: bool
    curve: str
    train_languages: list[str]
    samples_per_language: int
    resolved: bool  # the mixture improves the targets' mean, after the correction over the page
    range: float | None  # of the metric's scores; null where it is not known
    languages: list[GlanceLanguage]  # English first, then those trained on


class GlancePart(Document):
    """The first picture's part of statistics.json."""

    glance: list[Glance]
