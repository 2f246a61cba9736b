"""A model in shards reads its own rows of the files, and computes what the whole model computes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch.distributed.device_mesh import init_device_mesh

from clt.errors import StudyError
from clt.study import Model, Training
from clt.training.model import model_to_train
from clt.training.processes import Processes
from clt.training.weights import gather_weights
from tests.training.architectures import architecture

IDS = torch.arange(3, 15) % 64
TRAINING = Training(max_steps=1)


@pytest.fixture
def sharded() -> Iterator[Processes]:
    """A process that has all rows of every shard, by the same code as many."""
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield Processes(mesh=init_device_mesh("cpu", (1,), mesh_dim_names=("shards",)))
    dist.destroy_process_group()


def loss_and_gradient(model: Model, processes: Processes) -> tuple[torch.Tensor, torch.Tensor]:
    root: Any = model_to_train(model, TRAINING, 0, processes)
    loss = root({"input_ids": IDS[None]}, torch.arange(4, 11), IDS[5:])
    loss.backward()
    gradients = [parameter.grad for parameter in root.parameters() if parameter.grad is not None]
    whole = [gradient.full_tensor() if hasattr(gradient, "full_tensor") else gradient for gradient in gradients]
    return loss.detach(), torch.stack([gradient.norm() for gradient in whole]).sort().values


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("name", ["llama", "qwen2", "cohere", "gemma3"])
def test_shards_have_the_weights_and_the_loss_of_the_whole(
    name: str, method: Any, sharded: Processes, tmp_path: Path
) -> None:
    architecture(name).save_pretrained(tmp_path)
    model = Model(name=name.replace("_", "-"), path=str(tmp_path), method=method)
    for alone, shared in zip(loss_and_gradient(model, Processes()), loss_and_gradient(model, sharded), strict=True):
        assert torch.allclose(alone, shared, rtol=1e-5, atol=1e-6)


def test_buffers_that_files_hold_are_read(sharded: Processes, tmp_path: Path) -> None:
    from transformers import Gemma4ForCausalLM, Gemma4TextConfig

    sizes = {"vocab_size": 64, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "global_head_dim": 16}
    layers = {"hidden_size_per_layer_input": 8, "vocab_size_per_layer_input": 64, "num_kv_shared_layers": 0}
    network = Gemma4ForCausalLM(Gemma4TextConfig(**sizes, **heads, **layers))
    scales = [buffer for name, buffer in network.named_buffers() if name.endswith("layer_scalar")]
    for scale in scales:
        scale.fill_(0.25)
    network.save_pretrained(tmp_path)
    root = model_to_train(Model(name="gemma4", path=str(tmp_path)), TRAINING, 0, sharded)
    read = [buffer.item() for name, buffer in root.named_buffers() if name.endswith("layer_scalar")]
    assert read == [0.25] * len(scales) and scales
    kept = gather_weights(root.model, sharded, torch.float32)
    assert [value.item() for name, value in kept.items() if name.endswith("layer_scalar")] == read


def test_weights_by_other_names_are_loaded_by_transformers(
    sharded: Processes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    architecture("llama").save_pretrained(tmp_path)
    model = Model(name="llama", path=str(tmp_path))
    expected = loss_and_gradient(model, Processes())
    (file,) = tmp_path.glob("*.safetensors")
    renamed = {name.removeprefix("model."): value for name, value in load_file(file).items()}
    save_file(renamed, file, metadata={"format": "pt"})
    assert all(
        torch.allclose(left, right, rtol=1e-5)
        for left, right in zip(expected, loss_and_gradient(model, sharded), strict=True)
    )
    assert "its files do not name model.embed_tokens.weight" in caplog.text


def test_a_weight_of_another_shape_than_the_config_says_is_refused_by_name(sharded: Processes, tmp_path: Path) -> None:
    architecture("llama").save_pretrained(tmp_path)
    (file,) = tmp_path.glob("*.safetensors")
    tensors = load_file(file)
    tensors["model.norm.weight"] = torch.ones(3)
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(StudyError, match=r"its weight model.norm.weight has the shape \(3,\), expected \(\d+,\)"):
        model_to_train(Model(name="llama", path=str(tmp_path)), TRAINING, 0, sharded)
