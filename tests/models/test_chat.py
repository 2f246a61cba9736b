"""A prompt as a conversation: the template's own tokens, one BOS, the stop token that ends a turn."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from clt.errors import StudyError
from clt.models import Encoder, Example, load_model, load_tokenizer, make_encoder, save_model
from clt.study import Model
from tests.chat_models import CHATML, GEMMA, INST, LLAMA, make_chat_model

TEMPLATES = {"llama": LLAMA, "chatml": CHATML, "gemma": GEMMA, "inst": INST, "none": None}
STOPS = {"llama": "<|eot_id|>", "chatml": "<|im_end|>", "gemma": "<end_of_turn>", "inst": "</s>", "none": "</s>"}
SHOWN = {
    "chatml": "<|im_start|>user\nWie viel?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    "gemma": "<s><start_of_turn>user\nWie viel?<end_of_turn>\n<start_of_turn>model\n",
    "inst": "<s>[INST] Wie viel? [/INST]",
    "none": "<s><|user|>\nWie viel?\n<|assistant|>\n",
    "llama": "<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 26 Jul 2024\n\n<|eot_id|>"
    "<|start_header_id|>user<|end_header_id|>\n\nWie viel?<|eot_id|>"
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
}

EncoderOf = Callable[..., Encoder]


@pytest.fixture
def encoder_of(tiny_folder: Path, tmp_path: Path) -> EncoderOf:
    def make(template: str | None, **model: Any) -> Encoder:
        folder = make_chat_model(tiny_folder, tmp_path / "chat", template)
        spec = Model(name="chatty", path=str(folder), chat=True, **model)
        return make_encoder(load_tokenizer(folder, spec), spec)

    return make


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_prompt_is_a_users_turn_in_the_models_own_template(encoder_of: EncoderOf, name: str) -> None:
    encoder = encoder_of(TEMPLATES[name])
    ids = encoder.encode_prompt("Wie viel?").ids
    assert encoder.tokenizer.decode(ids) == SHOWN[name]
    assert ids.count(encoder.tokenizer.bos_token_id) == SHOWN[name].count("<s>")
    own = encoder.tokenizer.apply_chat_template(
        [{"role": "user", "content": "Wie viel?"}],
        add_generation_prompt=True,
        return_dict=False,
        enable_thinking=False,
        date_string="26 Jul 2024",
    )
    assert ids == own


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_answer_ends_with_the_token_that_ends_a_turn(encoder_of: EncoderOf, name: str) -> None:
    encoder = encoder_of(TEMPLATES[name])
    assert encoder.tokenizer.decode(encoder.encode_answer("7")) == "7" + STOPS[name]
    assert encoder.tokenizer.convert_ids_to_tokens(encoder.stop_token) == STOPS[name]


@pytest.mark.parametrize("name", ["llama", "chatml", "none"])
def test_a_system_text_comes_before_the_user(encoder_of: EncoderOf, name: str) -> None:
    encoder = encoder_of(TEMPLATES[name], system="Answer briefly.")
    text = encoder.tokenizer.decode(encoder.encode_prompt("Wie viel?").ids)
    assert 0 < text.index("system") < text.index("Answer briefly.") < text.index("user") < text.index("Wie viel?")


@pytest.mark.parametrize("name", TEMPLATES)
def test_truncation_takes_the_beginning_of_the_users_text_alone(encoder_of: EncoderOf, name: str) -> None:
    encoder = encoder_of(TEMPLATES[name])
    prompt = encoder.encode_prompt("abcdefgh")
    assert encoder.tokenizer.decode(prompt.ids[prompt.first : prompt.end]) == "abcdefgh"
    whole = encoder.tokenizer.decode(prompt.ids)
    for kept in range(1, 9):
        shortened = prompt.shortened(encoder.least_prompt - 1 + kept)
        assert len(shortened) == encoder.least_prompt - 1 + kept
        assert encoder.tokenizer.decode(shortened) == whole.replace("abcdefgh", "abcdefgh"[-kept:])


def test_a_token_that_reaches_into_the_template_stays(tiny_folder: Path) -> None:
    """Real vocabularies have a token "?\\n": the line break behind the user's text is the template's."""
    model = Model(name="chatty", path=str(tiny_folder), chat=True)
    plain = load_tokenizer(tiny_folder, model)
    state = json.loads(plain.backend_tokenizer.to_str())
    state["model"]["vocab"]["?Ċ"] = len(state["model"]["vocab"])
    state["model"]["merges"] = [["?", "Ċ"]]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(state)), bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = plain.chat_template
    prompt = make_encoder(tokenizer, model).encode_prompt("Wie viel?")
    assert "?Ċ" in tokenizer.convert_ids_to_tokens(prompt.ids)
    assert tokenizer.decode(prompt.shortened(len(prompt.ids) - 5)) == "<s><|user|>\niel?\n<|assistant|>\n"


def test_a_date_in_the_template_is_the_same_on_every_day(encoder_of: EncoderOf) -> None:
    # Templates that know no date_string ask the clock: an evaluation on another day would ask another prompt.
    encoder = encoder_of("{{ strftime_now('%Y-%m-%d, %d %B') }}" + CHATML)
    assert encoder.tokenizer.decode(encoder.encode_prompt("a").ids).startswith("2024-07-26, 26 July<|im_start|>")


@pytest.mark.parametrize(
    ("template", "system", "fault"),
    [
        (GEMMA, "Be brief.", "failed: System role not supported; leave models.chatty.system out"),
        ("{{ raise_exception('Roles must alternate') }}", None, "failed: Roles must alternate; give its tokenizer"),
        ("{% for %}", None, "failed: "),
        ("{{ bos_token }}assistant", None, "renders the user's text 0 times"),
        (
            "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}",
            None,
            "assist",
        ),
        (
            CHATML.replace("message['role'] + ", "").replace("messages", "messages[-1:]"),
            "Be brief.",
            "leaves the system",
        ),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    encoder_of: EncoderOf, template: str, system: str | None, fault: str
) -> None:
    with pytest.raises(StudyError, match=r"^models\.chatty\.chat: the chat template of") as error:
        encoder_of(template, system=system)
    assert fault in str(error.value)
    assert "chat: false" in str(error.value)


def test_a_template_that_fails_on_one_text_is_refused_there(encoder_of: EncoderOf) -> None:
    encoder = encoder_of(CHATML.replace("<|im_start|>", "{{ '!' if '?' in messages[0]['content'] }}<|im_start|>"))
    assert encoder.encode_prompt("fine").ids
    with pytest.raises(StudyError, match="around the text 'Why\\?'"):
        encoder.encode_prompt("Why?")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_saved_model_encodes_as_its_base_does(encoder_of: EncoderOf, tmp_path: Path, name: str) -> None:
    encoder = encoder_of(TEMPLATES[name])
    spec = Model(name="chatty", path=str(tmp_path / "chat"), chat=True)
    (saved := tmp_path / "saved").mkdir()
    model = load_model(spec)
    save_model(model, dict(model.named_parameters()), encoder, saved, name="chatty")
    again = make_encoder(load_tokenizer(saved, spec), spec)
    assert again.tokenizer.chat_template == encoder.tokenizer.chat_template
    if TEMPLATES[name] is not None:
        assert again.tokenizer.chat_template == TEMPLATES[name]
    assert again.encode_prompt(" Wie viel?\n") == encoder.encode_prompt(" Wie viel?\n")
    assert again.encode_answer("7") == encoder.encode_answer("7")


@pytest.mark.parametrize("name", TEMPLATES)
def test_examples_are_turns_of_the_same_conversation_or_stand_in_the_users_turn(
    encoder_of: EncoderOf, name: str
) -> None:
    encoder = encoder_of(TEMPLATES[name])
    examples = [Example("Eins?", "1"), Example("Zwei?", "2")]
    turns = encoder.encode_prompt("Wie viel?", examples, as_turns=True)
    text = encoder.tokenizer.decode(turns.ids)
    places = [text.index(part) for part in ("Eins?", "1", "Zwei?", "2", "Wie viel?")] if name != "llama" else [0]
    assert places == sorted(places) and text.endswith(SHOWN[name][SHOWN[name].index("Wie viel?") :])
    assert encoder.tokenizer.decode([encoder.stop_token]) in text[text.index("Eins?") : text.index("Zwei?")]
    assert encoder.tokenizer.decode(turns.ids[turns.first : turns.end]).strip() == "Wie viel?"
    plain = encoder.encode_prompt("Wie viel?", examples)
    shown = SHOWN[name].replace("Wie viel?", "Eins?1\n\nZwei?2\n\nWie viel?")
    assert encoder.tokenizer.decode(plain.ids) == shown
    assert encoder.tokenizer.decode(plain.ids[plain.first : plain.end]).strip() == "Wie viel?"
