"""A tokenizer's chat template: a prompt as the model's authors write a conversation.

What a template puts around a text is found by rendering marks in its place; nothing of it is known beforehand.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from clt.errors import StudyError
from clt.study import Model

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

USER, ANSWER = "clt-marks-the-users-text", "clt-marks-the-answer"  # nothing that a template would change
# A template may write today's date; a training and an evaluation on another day must not differ by it.
TODAY = date(2024, 7, 26)  # Llama 3.2's own, where it does not know the day

# For a tokenizer without a template: turns are marked by ordinary text, and the end-of-sequence token ends an answer.
PLAIN = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)


def plain_template(beginning: str) -> str:
    """The template that a tokenizer without one gets; `beginning` is the text of the tokens that start every text."""
    return (f"{{{{ {json.dumps(beginning, ensure_ascii=False)} }}}}" if beginning else "") + PLAIN


class ChatTemplate:
    """The template of a tokenizer, for one system text or none, one user's text and its answer.

    Attributes:
        tail: The text behind it: the beginning of the assistant's turn, too.
        turn_end: The text behind an answer; may be empty.

    Raises:
        StudyError: The template fails, or leaves a text out; with its own message.
    """

    def __init__(self, tokenizer: "PreTrainedTokenizerBase", model: Model) -> None:
        self._tokenizer, self._model = tokenizer, model
        self._heads: dict[tuple[tuple[str, str], ...], str] = {}
        self._system = [] if model.system is None else [{"role": "system", "content": model.system}]
        asked = self._render(USER)
        self._heads[()], self.tail = self._around(USER, asked, "the user's text")
        if model.system is not None and model.system.strip() not in asked:
            raise self._error("leaves the system text out")
        _, self.turn_end = self._around(ANSWER, self._render(USER, ANSWER), "the assistant's text")

    def render(self, prompt: str, turns: Sequence[tuple[str, str]] = ()) -> tuple[str, range]:
        """The conversation up to the answer, and where in it the user's last text stands (without what is trimmed).

        Args:
            prompt: The user's last text.
            turns: What the user said before and what the assistant answered.
        """
        text, head = self._render(prompt, turns=turns), self._head(tuple(turns))
        inside = range(len(head), len(text) - len(self.tail))
        if not (text.startswith(head) and text.endswith(self.tail) and inside.start <= inside.stop):
            raise self._error(f"is another one around the text {prompt[:60]!r} than around other texts")
        return text, inside

    def _head(self, turns: tuple[tuple[str, str], ...]) -> str:
        """The text before the user's last one, where so many turns come before."""
        if turns not in self._heads:
            self._heads[turns], _ = self._around(USER, self._render(USER, turns=turns), "the user's text")
        return self._heads[turns]

    def _render(self, prompt: str, answer: str | None = None, turns: Sequence[tuple[str, str]] = ()) -> str:
        messages = list(self._system)
        for asked, answered in turns:
            messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        messages.append({"role": "user", "content": prompt})
        if answer is not None:
            messages.append({"role": "assistant", "content": answer})
        try:
            rendered = self._tokenizer.apply_chat_template(
                messages,
                chat_template=_dated(self._tokenizer.get_chat_template()),
                add_generation_prompt=answer is None,
                tokenize=False,
                enable_thinking=False,  # of templates that know it: the answer is what is trained and asked for
                date_string=TODAY.strftime("%d %b %Y"),
            )
        except Exception as error:  # a template is a program of somebody else
            raise self._error(f"failed: {error}") from error
        assert isinstance(rendered, str)
        return rendered

    def _around(self, mark: str, text: str, what: str) -> tuple[str, str]:
        if text.count(mark) != 1:
            raise self._error(f"renders {what} {text.count(mark)} times, expected once")
        before, _, after = text.partition(mark)
        return before, after

    def _error(self, fault: str) -> StudyError:
        system = f"leave models.{self._model.name}.system out and put its text into the tasks' prompts, "
        return StudyError(
            f"the chat template of {self._tokenizer.name_or_path!r} {fault}; "
            f"{system if self._model.system else ''}"
            "give its tokenizer a template for one user's turn and an answer (chat_template.jinja in the model's "
            "folder), or set `chat: false` for prompts as plain text",
            field=f"models.{self._model.name}.chat",
        )


def _dated(template: str) -> str:
    """The template with a clock of its own, in place of the one that transformers gives it."""
    if "strftime_now" not in template:
        return template
    codes = "".join(f" | replace('%{code}', '{TODAY.strftime('%' + code)}')" for code in "aAbBdejmyYFHMS")
    return "{% macro strftime_now(format) %}{{ format" + codes + " }}{% endmacro %}" + template
