"""The sentences that open the report, for whoever shows them elsewhere."""


def plain_answers(statistics: str) -> list[tuple[str, list[str]]]:
    """Questions and what the scores answer, in plain language, from the text of a statistics.json."""
    from clt.statistics.document import Statistics
    from clt.statistics.rendering.summary import summarize

    answers = summarize(Statistics.model_validate_json(statistics))
    return [(answer.question, answer.sentences) for answer in answers]
