from pathlib import Path

import pytest

from clt.errors import StudyError
from clt.models import encode_answer, encode_prompt, load_tokenizer, stop_token, truncate_prompt
from clt.study import Model
from tests.tiny_model import make_tiny_model


def test_bos_is_added_once(tiny_folder: Path, tiny: Model) -> None:
    tokenizer = load_tokenizer(tiny_folder, tiny)
    assert encode_prompt(tokenizer, "ab")[0] == tokenizer.bos_token_id
    assert encode_prompt(tokenizer, "ab") == encode_prompt(tokenizer, "<s>ab")
    assert encode_prompt(tokenizer, "").count(tokenizer.bos_token_id) == 1


def test_no_bos_where_the_tokenizer_adds_none(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path, bos=False)
    tokenizer = load_tokenizer(folder, Model(name="tiny", path=str(folder)))
    assert tokenizer.bos_token_id is not None
    assert tokenizer.bos_token_id not in encode_prompt(tokenizer, "ab")


def test_answer_ends_with_the_stop_token_even_if_it_is_the_padding(tiny_folder: Path, tiny: Model) -> None:
    tokenizer = load_tokenizer(tiny_folder, tiny)
    assert tokenizer.pad_token_id == tokenizer.eos_token_id
    ids = encode_answer(tokenizer, "7 リンゴ")
    assert ids[-1] == stop_token(tokenizer)
    assert tokenizer.bos_token_id not in ids
    assert tokenizer.decode(ids[:-1]) == "7 リンゴ"


@pytest.mark.parametrize("max_tokens", [1, 2, 3, 4])
def test_truncation_loses_the_beginning_and_keeps_bos(max_tokens: int, tiny_folder: Path, tiny: Model) -> None:
    tokenizer = load_tokenizer(tiny_folder, tiny)
    ids = truncate_prompt(encode_prompt(tokenizer, "abcdef"), max_tokens, tokenizer)
    expected = ["f", "<s>f", "<s>ef", "<s>def"][max_tokens - 1]
    assert len(ids) == max_tokens
    assert tokenizer.decode(ids) == expected


def test_tokenizer_without_stop_token_is_refused(tiny_folder: Path, tiny: Model) -> None:
    tokenizer = load_tokenizer(tiny_folder, tiny)
    tokenizer.eos_token = None
    with pytest.raises(StudyError, match="no end-of-sequence token"):
        encode_answer(tokenizer, "7")
