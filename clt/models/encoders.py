"""From text to token ids, the same way in training and in evaluation: prompts as plain text, or as a conversation.

Prompt and answer are tokenised apart, so that the boundary between them is the same whether the answer is known
(training, likelihood) or about to be written (generation). So are the solved examples before a prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from clt.errors import StudyError
from clt.models.chat_template import ChatTemplate
from clt.study import Model

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BETWEEN = "\n\n"  # what stands between examples in one text


@dataclass(frozen=True, slots=True)
class Prompt:
    """The tokens of a prompt: ids[first:end] are the text's; BOS, chat template and examples stand around it."""

    ids: list[int]
    first: int
    end: int

    def shortened(self, max_tokens: int) -> list[int]:
        """At most `max_tokens` (1 or more) of the ids: the text loses its beginning, what stands around it stays.

        The beginning is lost because the end of a prompt is where it asks for the answer. Where there is no room for
        a token of the text (fewer than the encoder's `least_prompt`), the last ids are left.
        """
        assert max_tokens >= 1, max_tokens
        excess = len(self.ids) - max_tokens
        if excess <= 0:
            return self.ids
        if excess < self.end - self.first:
            return self.ids[: self.first] + self.ids[self.first + excess :]
        return self.ids[excess:]


@dataclass(frozen=True, slots=True)
class Example:
    """A solved example before a prompt: one of the task's shots."""

    prompt: str
    answer: str


def make_encoder(tokenizer: "PreTrainedTokenizerBase", model: Model) -> "Encoder":
    """The encoder that the study asks for.

    Args:
        tokenizer: From `load_tokenizer` for this model, or for a checkpoint of it.
        model: Says whether prompts are conversations.

    Raises:
        StudyError: models.NAME.chat: the tokenizer's chat template cannot be used.
    """
    return ChatEncoder(tokenizer, model) if model.chat else Encoder(tokenizer)


class Encoder:
    """Prompts as plain text; answers end with the end-of-sequence token."""

    def __init__(self, tokenizer: "PreTrainedTokenizerBase") -> None:
        self.tokenizer = tokenizer

    @property
    def least_prompt(self) -> int:
        """Tokens that a prompt has to have room for."""
        return 1

    @property
    def stop_token(self) -> int:
        """The id of the token that ends an answer.

        It may well be the padding token too; so nothing may ever be masked by its id, only by its position.

        Raises:
            StudyError: The tokenizer has no end-of-sequence token.
        """
        if self.tokenizer.eos_token_id is None:
            raise StudyError(
                f"the tokenizer of {self.tokenizer.name_or_path!r} has no end-of-sequence token, expected one to end "
                "answers with; set eos_token in its tokenizer_config.json",
                field="models",
            )
        return self.tokenizer.eos_token_id

    def encode_prompt(self, prompt: str, examples: Sequence[Example] = (), *, as_turns: bool = False) -> Prompt:
        """A prompt's tokens; with a BOS token only if the tokenizer adds one by itself, and never two of them.

        Args:
            prompt: As the task's template renders it; a BOS token that it spells out is taken as one.
            examples: Stand before it, a blank line after each.
            as_turns: Whether they are turns of a conversation; there are none here.
        """
        assert not as_turns, "the study's checks refuse turns without a conversation"
        before = [token for example in examples for token in self._encode(example.prompt + example.answer + BETWEEN)]
        ids, start = self._encode(prompt), len(self._prefix)
        # A template that spells the BOS token out already has it.
        if ids[:start] == self._prefix:
            ids = ids[start:]
        return Prompt(self._prefix + before + ids, start + len(before), start + len(before) + len(ids))

    def encode_answer(self, answer: str) -> list[int]:
        """Token ids of an answer and the stop token: what the model has to write, and the loss is taken on.

        Raises:
            StudyError: The tokenizer has no end-of-sequence token.
        """
        return [*self._encode(answer), self.stop_token]

    def decode(self, ids: list[int]) -> str:
        """The text of what a model wrote, without special tokens."""
        text = self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        assert isinstance(text, str)  # of one row
        return text

    @cached_property
    def _prefix(self) -> list[int]:
        return added_prefix(self.tokenizer)

    def _encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False, verbose=False)


class ChatEncoder(Encoder):
    """Prompts as a conversation; answers end with the token that the chat template ends an assistant's turn with.

    Raises:
        StudyError: models.NAME.chat: the template cannot be used.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", model: Model) -> None:
        super().__init__(tokenizer)
        if not tokenizer.is_fast:
            raise StudyError(
                f"the tokenizer of {tokenizer.name_or_path!r} cannot say which tokens are the user's text, expected "
                "one with a tokenizer.json; without it set `chat: false`",
                field=f"models.{model.name}.chat",
            )
        self._template = ChatTemplate(tokenizer, model)

    @cached_property
    def least_prompt(self) -> int:
        """Tokens of the template and one of the user's text."""
        prompt = self.encode_prompt("a")
        return len(prompt.ids) - (prompt.end - prompt.first) + 1

    @cached_property
    def stop_token(self) -> int:
        """The id of the token that ends an assistant's turn; the end-of-sequence token where the template has none.

        Raises:
            StudyError: There is neither.
        """
        end = self._encode(self._template.turn_end.lstrip())
        known = {*self.tokenizer.added_tokens_decoder, *self.tokenizer.all_special_ids}
        return end[0] if end and end[0] in known else super().stop_token

    def encode_prompt(self, prompt: str, examples: Sequence[Example] = (), *, as_turns: bool = False) -> Prompt:
        """The conversation up to the answer. The template alone decides about a BOS token.

        Args:
            prompt: The user's text.
            examples: Stand before it in the user's turn, a blank line after each; or, `as_turns`, before that turn,
                each as a turn of the user's and one of the assistant's.

        Raises:
            StudyError: The template fails on this text.
        """
        if as_turns:
            text, inside = self._template.render(prompt, [(example.prompt, example.answer) for example in examples])
        else:
            before = "".join(example.prompt + example.answer + BETWEEN for example in examples)
            text, inside = self._template.render(before + prompt)
            inside = range(min(inside.start + len(before.lstrip()), inside.stop), inside.stop)
        encoded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        spans = enumerate(encoded["offset_mapping"])
        own = [index for index, (start, end) in spans if inside.start <= start < end <= inside.stop]
        return Prompt(encoded["input_ids"], own[0] if own else 0, own[-1] + 1 if own else 0)


def added_prefix(tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    """What a tokenizer puts before every text by itself: a beginning-of-sequence token, or nothing."""
    bare = tokenizer.encode("a", add_special_tokens=False)
    full = tokenizer.encode("a")
    start = next(i for i in range(len(full) - len(bare) + 1) if full[i : i + len(bare)] == bare)
    return full[:start]
