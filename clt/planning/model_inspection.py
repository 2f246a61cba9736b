"""What identifies a model and how large it is, read from its files without loading it."""

import hashlib
import json
import math
import struct
from pathlib import Path

from clt.errors import StudyError
from clt.models import TOKENIZER_FILES
from clt.study import Model, ModelFacts, is_hub_id

# What can change how a model computes or reads text; cards and licences cannot.
IDENTIFYING = (".safetensors", ".json", ".model", ".txt", ".jinja", ".py")
HUB_BYTES_PER_PARAMETER = 2  # hub weights are bfloat16 as a rule; used for the estimate of disk space only


def inspect_model(model: Model) -> ModelFacts:
    """Identity and size of a model whose paths are resolved, without loading it.

    Args:
        model: A folder is hashed (weights, tokenizer, configuration) and its parameters are counted in the safetensors
            headers; a hub model is identified by its id and revision, and its `parameters` must be declared.

    Raises:
        StudyError: There is no folder, no weights, no tokenizer or no declared size.
    """
    field = f"models.{model.name}"
    if model.path is None:
        raise StudyError(
            "missing, expected a hub id, a folder or demo:NAME: without weights a study can only be planned",
            field=f"{field}.path",
        )
    if is_hub_id(model.path):
        if model.parameters is None:
            raise StudyError(
                f"missing for the hub model {model.path!r}, expected their number, such as 8.0e9: its weights are not "
                "at hand when the study is planned",
                field=f"{field}.parameters",
            )
        return declared_model(model)
    folder = Path(model.path)
    _check_folder(folder, f"{field}.path")
    weights = sorted(folder.glob("*.safetensors"))
    return ModelFacts(
        identity=_identity(folder),
        parameters=sum(_count_parameters(file) for file in weights),
        bytes=sum(file.stat().st_size for file in weights),
    )


def declared_model(model: Model) -> ModelFacts:
    """Facts from what the study says alone; `parameters` must be declared."""
    if model.parameters is None:
        raise StudyError(
            "missing, expected their number to plan without the weights", field=f"models.{model.name}.parameters"
        )
    identity = f"{model.path}@{model.revision}" if model.path else f"declared {model.name}"
    return ModelFacts(identity=identity, parameters=model.parameters, bytes=model.parameters * HUB_BYTES_PER_PARAMETER)


def _check_folder(folder: Path, field: str) -> None:
    if not folder.is_dir():
        raise StudyError(f"got {str(folder)!r}, which is no folder, expected a model's folder or a hub id", field=field)
    if not (folder / "config.json").is_file():
        raise StudyError(f"{folder} has no config.json, expected a model in transformers' format", field=field)
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise StudyError(
            f"{folder} has no tokenizer, expected one of {', '.join(TOKENIZER_FILES)}; save it with "
            f"`tokenizer.save_pretrained({str(folder)!r})`",
            field=field,
        )
    if not any(folder.glob("*.safetensors")):
        raise StudyError(
            f"{folder} has no weights, expected *.safetensors (pickled weights are not read: save the model with "
            "`model.save_pretrained(FOLDER)`)",
            field=field,
        )


def _identity(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.suffix in IDENTIFYING:
            with file.open("rb") as stream:
                checksum = hashlib.file_digest(stream, "sha256").hexdigest()
            total.update(f"{file.name} {checksum}\n".encode())
    return total.hexdigest()


def _count_parameters(file: Path) -> int:
    """The elements of all tensors; the file is a header length (8 bytes, little-endian), a JSON header, data."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(stream.read(length))
        return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise StudyError(f"{file} is not a safetensors file ({error}), expected an undamaged one") from None
