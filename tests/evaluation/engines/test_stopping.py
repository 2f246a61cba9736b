"""Where an answer ends: stop texts are found in decoded text, wherever tokens begin and end."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from clt.evaluation.engines import Stop, Written
from clt.evaluation.engines.stopping import Stopping
from clt.models import Encoder

EOS = 1


@pytest.fixture(scope="module")
def bytes_encoder(tiny_folder: Path) -> Encoder:
    """A token is a byte: three to a letter of Japanese."""
    return Encoder(AutoTokenizer.from_pretrained(tiny_folder))


@pytest.fixture(scope="module")
def merging_encoder(demo_folder: Path) -> Encoder:
    """Tokens of several bytes, which need not begin where a letter does."""
    return Encoder(AutoTokenizer.from_pretrained(demo_folder / "models" / "small"))


def write(encoder: Encoder, text: str, stop: Stop, extra: tuple[int, ...] = ()) -> tuple[Written, int]:
    """What is made of a model that writes this text, and after how many tokens it was stopped."""
    stopping = Stopping(stop, encoder)
    tokens = [*encoder.encode_answer(text)[:-1], *extra]
    for count in range(1, len(tokens) + 1):
        if stopping.ends(tokens[:count]):
            return stopping.written(tokens[:count]), count
    return stopping.written(tokens), len(tokens)


CASES = {
    "Latin": ("The answer is 4.\n\nQuestion: what", "\n\nQuestion:", "The answer is 4."),
    "inside of tokens": ("elephants and cats", "pha", "ele"),
    "full-width colon": ("答えは4です。\n問題：次は", "\n問題：", "答えは4です。"),
    "beside an emoji": ("👩‍👩‍👧 yes 👍\nQ: 🙂", "\nQ:", "👩‍👩‍👧 yes 👍"),
    "Arabic": ("الجواب ٤\nسؤال: كم", "\nسؤال:", "الجواب ٤"),
    "at once": ("Q: 1", "Q:", ""),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("which", ["bytes_encoder", "merging_encoder"])
def test_a_text_ends_where_a_stop_text_begins(name: str, which: str, request: pytest.FixtureRequest) -> None:
    encoder: Encoder = request.getfixturevalue(which)
    text, stop, kept = CASES[name]
    long = "so, 3 + 1 = 4; " * 40  # much more than the tail that is looked at
    for before in ("", long):
        written, count = write(encoder, before + text, Stop(frozenset({EOS}), ("no such text", stop)))
        assert (written.text, written.finish) == (before + kept, "stop")
        whole = encoder.encode_answer(before + text)
        assert stop in encoder.decode(whole[:count]) and stop not in encoder.decode(whole[: count - 1]), "not at once"


def test_the_first_of_the_stop_texts_ends_it(bytes_encoder: Encoder) -> None:
    assert write(bytes_encoder, "a Q: b", Stop(frozenset(), ("b", "Q:", " Q:")))[0].text == "a"


def test_a_stop_token_is_no_part_of_the_answer(bytes_encoder: Encoder) -> None:
    assert write(bytes_encoder, "né", Stop(frozenset({EOS})), (EOS, 5))[0] == Written("né", 3, "stop")


def test_without_a_stop_the_length_ended_it(bytes_encoder: Encoder) -> None:
    assert write(bytes_encoder, "né", Stop(frozenset({EOS}), ("x",)))[0] == Written("né", 3, "length")
    assert Stopping(Stop(frozenset({EOS})), bytes_encoder).written([]) == Written("", 0, "length")
