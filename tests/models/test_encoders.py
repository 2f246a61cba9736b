from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.models import Encoder, Example, load_tokenizer, make_encoder
from clt.study import Model
from tests.tiny_model import make_tiny_model


@pytest.fixture
def encoder(tiny_folder: Path, tiny: Model) -> Encoder:
    return make_encoder(load_tokenizer(tiny_folder, tiny), tiny)


def test_bos_is_added_once(encoder: Encoder) -> None:
    bos = encoder.tokenizer.bos_token_id
    assert encoder.encode_prompt("ab").ids[0] == bos
    assert encoder.encode_prompt("ab") == encoder.encode_prompt("<s>ab")
    assert encoder.encode_prompt("").ids.count(bos) == 1


def test_no_bos_where_the_tokenizer_adds_none(tmp_path: Path) -> None:
    model = Model(name="tiny", path=str(make_tiny_model(tmp_path, bos=False)))
    tokenizer = load_tokenizer(tmp_path, model)
    assert tokenizer.bos_token_id is not None
    assert tokenizer.bos_token_id not in make_encoder(tokenizer, model).encode_prompt("ab").ids


def test_answer_ends_with_the_stop_token_even_if_it_is_the_padding(encoder: Encoder) -> None:
    tokenizer = encoder.tokenizer
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    ids = encoder.encode_answer("7 リンゴ")
    assert ids[-1] == encoder.stop_token
    assert tokenizer.bos_token_id not in ids
    assert tokenizer.decode(ids[:-1]) == "7 リンゴ"


@pytest.mark.parametrize("max_tokens", [1, 2, 3, 4])
def test_truncation_loses_the_beginning_and_keeps_bos(max_tokens: int, encoder: Encoder) -> None:
    ids = encoder.encode_prompt("abcdef").shortened(max_tokens)
    expected = ["f", "<s>f", "<s>ef", "<s>def"][max_tokens - 1]
    assert len(ids) == max_tokens
    assert encoder.tokenizer.decode(ids) == expected


def test_tokenizer_without_stop_token_is_refused(encoder: Encoder) -> None:
    encoder.tokenizer.eos_token = None
    with pytest.raises(StudyError, match="no end-of-sequence token"):
        encoder.encode_answer("7")


def test_examples_stand_between_bos_and_the_prompt_which_alone_is_shortened(encoder: Encoder) -> None:
    examples = [Example("1+1=", "2"), Example("2+2=", "4")]
    prompt = encoder.encode_prompt("3+3=", examples)
    assert encoder.tokenizer.decode(prompt.ids) == "<s>1+1=2\n\n2+2=4\n\n3+3="
    assert encoder.tokenizer.decode(prompt.ids[prompt.first : prompt.end]) == "3+3="
    assert prompt.ids[prompt.first :] == encoder.encode_prompt("3+3=").ids[1:]
    assert encoder.tokenizer.decode(prompt.shortened(len(prompt.ids) - 1)).endswith("4\n\n+3=")
