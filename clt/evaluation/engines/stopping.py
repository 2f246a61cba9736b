"""Where an answer ends: at a token, or at a text that may begin and end inside of tokens."""

from collections.abc import Sequence

from clt.evaluation.engines.engine import Stop, Written
from clt.models import Encoder

MARGIN = (
    8  # tokens before a stop text: what begins inside a character, or is an odd first token, is not decoded as usual
)


class Stopping:
    """Says of the tokens of an answer whether they end it, and what the answer then is."""

    def __init__(self, stop: Stop, encoder: Encoder) -> None:
        self._stop, self._encoder = stop, encoder
        self._tail = MARGIN + max((len(text.encode()) for text in stop.texts), default=0)  # a token is a byte or more

    def ends(self, tokens: Sequence[int]) -> bool:
        """Whether the answer ends with its last token; asked after every one of them."""
        if tokens[-1] in self._stop.tokens:
            return True
        if not self._stop.texts or self._found(self._encoder.decode([*tokens[-self._tail :]])) is None:
            return False
        return self._found(self._encoder.decode([*tokens])) is not None  # a part may read otherwise than in the whole

    def written(self, tokens: Sequence[int]) -> Written:
        """The answer, from all tokens that a model wrote."""
        by_token = bool(tokens) and tokens[-1] in self._stop.tokens
        kept = [*tokens[:-1]] if by_token else [*tokens]
        text = self._encoder.decode(kept)
        end = self._found(text)
        return Written(text[:end], len(kept), "stop" if by_token or end is not None else "length")

    def _found(self, text: str) -> int | None:
        """Where the first of the stop texts begins."""
        return min((place for place in map(text.find, self._stop.texts) if place >= 0), default=None)
