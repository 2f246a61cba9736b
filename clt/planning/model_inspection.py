"""What identifies a model and how large it is, read from its files without loading it."""

import hashlib
import json
from pathlib import Path

from clt.errors import StudyError
from clt.models import (
    IDENTIFYING,
    TOKENIZER_FILES,
    bucket_folder,
    count_parameters,
    load_tokenizer,
    make_encoder,
    stored_model,
)
from clt.store import ModelMetadata, Store
from clt.study import Model, ModelFacts, ModelShape, is_hub_id, is_object, read_shape

HUB_BYTES_PER_PARAMETER = 2  # hub weights are bfloat16 as a rule; used for the estimate of disk space only


def inspect_model(model: Model, store: Store | None = None) -> ModelFacts:
    """Identity and size of a model whose paths are resolved, without loading it.

    Args:
        model: A folder, or what is at s3://BUCKET/PREFIX, is hashed (weights, tokenizer, configuration) and its
            parameters are counted in the safetensors headers; a hub model is identified by its id and revision.
        store: Has the hub models that `clt fetch` brought; the `parameters` of others must be declared.

    Raises:
        StudyError: There is no folder, no weights, no tokenizer, no declared size, or a chat template that fails.
    """
    field = f"models.{model.name}"
    if model.path is None:
        raise StudyError(
            "missing, expected a hub id, a folder or demo:NAME: without weights a study can only be planned",
            field=f"{field}.path",
        )
    if is_hub_id(model.path):
        return _hub_model(model, store)
    folder = bucket_folder(model) if is_object(model.path) else Path(model.path)
    _check_folder(folder, f"{field}.path")
    _check_chat(model, folder)
    weights = sorted(folder.glob("*.safetensors"))
    parameters = sum(count_parameters(file) for file in weights)
    shape, no_shape = _shape(model, folder / "config.json", parameters)
    return ModelFacts(
        identity=_identity(folder),
        parameters=parameters,
        bytes=sum(file.stat().st_size for file in weights),
        shape=shape,
        no_shape=no_shape,
    )


def _hub_model(model: Model, store: Store | None) -> ModelFacts:
    """What the study says of it is taken first: a study's facts must not change because a model was fetched since."""
    if model.parameters is None:
        fetched = None if store is None else stored_model(model, store)
        if fetched is None:
            raise StudyError(
                f"missing for the hub model {model.path!r}, expected their number, such as 8.0e9: its weights are not "
                "at hand when the study is planned (or bring them into the store first: `clt fetch`)",
                field=f"models.{model.name}.parameters",
            )
        model = model.model_copy(update={"parameters": ModelMetadata.of(fetched).parameters})
    return declared_model(model)


def declared_model(model: Model) -> ModelFacts:
    """Facts from what the study says alone; `parameters` must be declared."""
    if model.parameters is None:
        raise StudyError(
            "missing, expected their number to plan without the weights", field=f"models.{model.name}.parameters"
        )
    identity = f"{model.path}@{model.revision}" if model.path else f"declared {model.name}"
    return ModelFacts(
        identity=identity,
        parameters=model.parameters,
        bytes=model.parameters * HUB_BYTES_PER_PARAMETER,
        shape=model.shape,
        no_shape="" if model.shape else f"give models.{model.name}.shape, a few numbers of its config.json",
    )


def _shape(model: Model, config: Path, parameters: int) -> tuple[ModelShape | None, str]:
    """What config.json says; where that is not understood, what the study says; without both, why there is none."""
    try:
        values = json.loads(config.read_text(encoding="utf-8"))
        found = read_shape(values, parameters) if isinstance(values, dict) else "config.json is no JSON object"
    except ValueError as error:
        found = f"config.json is no JSON ({error})"
    if isinstance(found, ModelShape):
        return found, ""
    return model.shape, "" if model.shape else found


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


def _check_chat(model: Model, folder: Path) -> None:
    if not model.chat:
        return
    try:
        make_encoder(load_tokenizer(folder, model), model)
    except ImportError:  # without transformers (a plan in its own image) training is the first to see the template
        return


def _identity(folder: Path) -> str:
    total = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.suffix in IDENTIFYING:
            with file.open("rb") as stream:
                checksum = hashlib.file_digest(stream, "sha256").hexdigest()
            total.update(f"{file.name} {checksum}\n".encode())
    return total.hexdigest()
