"""Conversations: the last turn is the answer, what came before it the prompt."""

import json

import pytest

from clt.data.chat_rows import prompt_and_answer
from clt.errors import DataError
from tests.data.conftest import LANGUAGES, problem, write_jsonl

USER, ASSISTANT = {"role": "user", "content": "How many?"}, {"role": "assistant", "content": "Three."}
CONVERSATIONS = {
    "one turn": ([USER, ASSISTANT], "How many?", "Three."),
    "ShareGPT": ([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Yes"}], "Hi", "Yes"),
    "a system turn": (
        [{"role": "system", "content": "Be brief."}, USER, ASSISTANT],
        "Be brief.\n\nHow many?",
        "Three.",
    ),
    "several turns": (
        [{"role": "system", "content": "S"}, USER, ASSISTANT, {"role": "user", "content": "Sure?"}, ASSISTANT],
        "S\n\nUser: How many?\n\nAssistant: Three.\n\nUser: Sure?",
        "Three.",
    ),
    "parts of text": (
        [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, ASSISTANT],
        "ab",
        "Three.",
    ),
}


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_turns_become_a_prompt_and_an_answer(kind):
    messages, prompt, answer = CONVERSATIONS[kind]
    assert prompt_and_answer(messages) == (prompt, answer)


FAULTS = {
    "the user's last": ([USER], "the last turn is the user's, expected the assistant's"),
    "no user": ([ASSISTANT], "no turn of the user"),
    "an unknown role": ([{"role": "tool", "content": "hunter2"}, ASSISTANT], "turn 1 has a role other than"),
    "an image": ([{"role": "user", "content": [{"type": "image"}]}, ASSISTANT], "turn 1 has no text"),
    "no list": ("hunter2", "expected a list of turns"),
    "no objects": (["hunter2"], "turn 1 is no object"),
    "nothing": ([], "expected a list of turns"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_is_no_conversation_is_refused_with_its_turn(kind):
    messages, text = FAULTS[kind]
    with pytest.raises(ValueError, match=text) as error:
        prompt_and_answer(messages)
    assert "hunter2" not in str(error.value)


def test_a_column_of_messages_is_mixed_like_two_columns(workplace):
    expected = workplace.plan(workplace.study())
    for language in LANGUAGES:
        rows = [problem(language, number) for number in range(60)]
        chats = [
            {
                "id": row["id"],
                "chat": {
                    "messages": [
                        {"role": "user", "content": row["question"]},
                        {"role": "assistant", "content": row["answer"]},
                    ]
                },
            }
            for row in rows
        ]
        write_jsonl(workplace.folder / "chat" / f"{language}.jsonl", chats)
    source = {"path": str(workplace.folder / "chat" / "{language}.jsonl"), "messages": "chat.messages"}
    source |= {"columns": {"question": "prompt"}}
    record = workplace.plan(workplace.study(task={"train": source}))
    key = record.grid.cells[-1].key
    assert workplace.mixture(record, key).sha256 == workplace.mixture(expected, key).sha256


def test_a_conversation_without_an_answer_is_skipped_and_counted(workplace):
    for language in LANGUAGES:
        rows = [
            {"id": f"{n}", "messages": [USER | {"content": f"{language} {n}?"}, ASSISTANT][: 1 + (n != 7)]}
            for n in range(60)
        ]
        write_jsonl(workplace.folder / "chat" / f"{language}.jsonl", rows)
    source = {"path": str(workplace.folder / "chat" / "{language}.jsonl"), "messages": "messages", "on_bad_row": "skip"}
    task = {
        "train": source,
        "test": {"path": str(workplace.folder / "test.{language}.jsonl"), "columns": {"prompt": "question"}},
    }
    record = workplace.plan(workplace.study(task=task | {"prompt": "{prompt}"}))
    assert record.facts.source("math", "train", "ja").rows == 59
    skipped = workplace.mixture(record, record.grid.cells[-1].key).metadata["dropped"]
    assert json.dumps(skipped).startswith('{"not a conversation": 5')


def test_conversations_that_the_study_does_not_name_are_told_with_the_line_to_write(workplace):
    write_jsonl(workplace.train("ja"), [{"id": "a", "conversations": [USER, ASSISTANT]}])
    with pytest.raises(DataError, match="conversations are read with `messages: conversations`"):
        workplace.plan(workplace.study())
