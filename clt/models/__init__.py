"""What training and evaluation must agree on: how a model is loaded, how text becomes tokens, what they ran on.

Importing this package is cheap; torch, transformers and peft are imported inside the functions that need them.
"""

from clt.models.loading import TOKENIZER_FILES, load_model, load_tokenizer, save_model
from clt.models.runtime import cpu_threads, environment
from clt.models.tokens import encode_answer, encode_prompt, stop_token, truncate_prompt

__all__ = [
    "TOKENIZER_FILES",
    "cpu_threads",
    "encode_answer",
    "encode_prompt",
    "environment",
    "load_model",
    "load_tokenizer",
    "save_model",
    "stop_token",
    "truncate_prompt",
]
