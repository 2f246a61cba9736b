"""What training and evaluation must agree on: how a model is loaded, how text becomes tokens, what they ran on.

Importing this package is cheap; torch, transformers and peft are imported inside the functions that need them.
"""

from clt.models.encoders import Encoder, Example, Prompt, make_encoder
from clt.models.export import export_model
from clt.models.fetch import fetch_models
from clt.models.loading import TOKENIZER_FILES, load_model, load_tokenizer, save_model
from clt.models.parameters import count_parameters
from clt.models.runtime import IMAGE_VARIABLE, cpu_threads, environment
from clt.models.stored_weights import empty_model, first_rows, stored_weights
from clt.models.where import IDENTIFYING, at_hand, bucket_folder, model_key, stored_model

__all__ = [
    "IDENTIFYING",
    "IMAGE_VARIABLE",
    "TOKENIZER_FILES",
    "Encoder",
    "Example",
    "Prompt",
    "at_hand",
    "bucket_folder",
    "count_parameters",
    "cpu_threads",
    "empty_model",
    "environment",
    "export_model",
    "fetch_models",
    "first_rows",
    "load_model",
    "load_tokenizer",
    "make_encoder",
    "model_key",
    "save_model",
    "stored_model",
    "stored_weights",
]
