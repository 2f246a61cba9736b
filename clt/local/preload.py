"""Imported once by the process that workers are forked from; holds nothing.

What is imported here is shared by all workers. Nothing here may start threads or touch a GPU, neither of which
survives a fork.
"""

# ruff: noqa: E402, F401
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C during these imports is the runner's business

import accelerate
import datasets
import evaluate
import pandas
import peft
import pyarrow.parquet
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

import clt.data
import clt.evaluation
import clt.training
