"""A rating by a model: the study's `judge` gives it, so there is no function here."""

from clt.metrics.metric import Metric

judge = Metric(
    name="judge",
    meaning="What the study's `judge`, a model, gives to the answer (1 to 5); unscored where no reply can be read",
    description=(
        "What the study's `judge`, a model, gives to the answer (1 to 5); unscored where no reply can be read.\n\n"
        "Unreadable answer: an empty one is 1, and nobody is asked. Empty reference: not used, the judge sees question "
        "and answer. Missing language: the judge is told it. Tokenizer: none. Number separators: the judge's."
    ),
    low=1,
    high=5,
    version=2,
    judged=True,
)
