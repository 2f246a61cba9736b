"""The part of a model's card that is run: how its user loads and asks it, as training and evaluation did."""

from clt.models.chat_template import TODAY
from clt.study import Cell, Model, StudyRecord, is_hub_id

ASK = """
tokenizer = AutoTokenizer.from_pretrained(folder)
{inputs}
written = model.generate(**inputs, max_new_tokens={max_new_tokens}, do_sample=False)[0, inputs["input_ids"].shape[1] :]
print(tokenizer.decode(written, skip_special_tokens=True))"""
LOAD = """\
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = "."  # of this card
model = AutoModelForCausalLM.from_pretrained(folder)"""
LOAD_ADAPTER = """\
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

folder = "."  # of this card
base = AutoModelForCausalLM.from_pretrained({base})
model = PeftModel.from_pretrained(base, folder)
model.generation_config = GenerationConfig.from_pretrained(folder)"""
PLAIN = 'inputs = tokenizer("...", return_tensors="pt")  # a prompt as below'
CHAT = """\
messages = [{messages}]  # a prompt as below
inputs = tokenizer.apply_chat_template(
    messages, add_generation_prompt=True, enable_thinking=False, date_string="{date}", return_tensors="pt"
)"""


def loading_example(record: StudyRecord, cell: Cell, *, merged: bool) -> str:
    """Python that loads the model and asks it, and the prompts that it was trained on."""
    model, tasks = record.model(cell), record.study.tasks
    longest = max(record.max_new_tokens(task) for task in cell.tasks)
    load = LOAD_ADAPTER.format(base=_base(model)) if model.method == "lora" and not merged else LOAD
    ask = ASK.format(inputs=_inputs(model), max_new_tokens=longest)
    ending = "It ends by itself: generation_config.json names the token that every answer of its training ended with."
    if model.chat:
        kind = "Prompts are a user's turn in the tokenizer's chat template"
        kind += f", after the system text {model.system!r}" if model.system else ", without a system text"
    else:
        kind = "Prompts are plain text, without a chat template"
    prompts = []
    for task in cell.tasks:
        prompt = tasks[task].prompt
        by_language = {"": prompt} if isinstance(prompt, str) else prompt
        prompts += [f"{task}{code and ' ' + code}: {text!r}" for code, text in by_language.items()]
    listed = "\n".join(prompts)
    return f"```python\n{load}\n{ask.strip()}\n```\n\n{ending} {kind}:\n\n```\n{listed}\n```"


def _base(model: Model) -> str:
    path = model.path or ""
    return f'"{path}", revision="{model.revision}"' if is_hub_id(path) else f'"THE FOLDER OF {model.name}"'


def _inputs(model: Model) -> str:
    if not model.chat:
        return PLAIN
    messages = '{"role": "user", "content": "..."}'
    if model.system is not None:
        messages = f'{{"role": "system", "content": {model.system!r}}}, {messages}'
    return CHAT.format(messages=messages, date=TODAY.strftime("%d %b %Y"))
