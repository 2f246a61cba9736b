"""What training and evaluation must agree on: how a model is loaded and how a prompt and an answer become tokens.

Importing this package is cheap; torch, transformers and peft are imported inside the functions that need them.
"""

from clt.models.loading import load_model, load_tokenizer, save_model
from clt.models.tokens import encode_answer, encode_prompt, stop_token, truncate_prompt

__all__ = [
    "encode_answer",
    "encode_prompt",
    "load_model",
    "load_tokenizer",
    "save_model",
    "stop_token",
    "truncate_prompt",
]
