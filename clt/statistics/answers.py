"""The sentences that open the report, for whoever shows them elsewhere."""


def plain_answers(statistics: str) -> list[tuple[str, list[str]]]:
    """Questions and what the scores answer, in plain language, from the text of a statistics.json."""
    from clt.statistics.rendering.brief import brief
    from clt.statistics.schema import Statistics

    found = brief(Statistics.model_validate_json(statistics))
    return [(answer.question, answer.sentences) for answer in found]
