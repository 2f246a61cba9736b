"""The sentences that open the report, for whoever shows them elsewhere."""


def plain_answers(statistics: str) -> list[tuple[str, list[str]]]:
    """Questions and what the scores answer, in plain language.

    Args:
        statistics: The text of a statistics.json.

    Returns:
        Each question with the sentences that answer it, in a reader's order; without those that nothing answers.
    """
    from clt.statistics.document import Statistics
    from clt.statistics.rendering.summary import summarize

    answers = summarize(Statistics.model_validate_json(statistics))
    return [(answer.question, answer.sentences) for answer in answers]
