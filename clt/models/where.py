"""Where a model's files are: a folder, a bucket, the store (`clt fetch` brings hub models there), else the hub."""

from pathlib import Path

from clt.errors import StudyError
from clt.hashing import digest
from clt.store import Manifest, Store, fetch_objects, fetch_once, list_objects
from clt.study import Model, is_commit, is_hub_id, is_object

# Of files that can change how a model computes or reads text; cards and licences cannot.
IDENTIFYING = (".safetensors", ".json", ".model", ".txt", ".jinja", ".py")
MODEL_FORMAT = 1  # raised by hand when other files of a model are brought into the store


def at_hand(model: Model, store: Store) -> Model:
    """The model with a path on this machine where its files can be had without the hub.

    A folder is itself, and of s3://BUCKET/PREFIX there is a copy in this machine's cache. Of a hub model that the store
    has, the path is a folder in this machine's cache (or in the store's own folder), fetched and verified by the first
    process that asks. Any other hub model stays what it is: its files come from the hub. Keys do not change by it: they
    hold the facts of the plan.

    Args:
        model: With its path resolved.
        store: May have it.

    Raises:
        StudyError: There are no weights at s3://BUCKET/PREFIX.
        StoreError: The store's copy is damaged, or it or the bucket cannot be read.
    """
    if model.path is not None and is_object(model.path):
        return model.model_copy(update={"path": str(bucket_folder(model))})
    manifest = stored_model(model, store)
    if manifest is None:
        return model
    return model.model_copy(update={"path": str(fetch_once(store, manifest)), "revision": None})


def bucket_folder(model: Model) -> Path:
    """The folder in this machine's cache with the files of a model at s3://BUCKET/PREFIX. Errors as for `at_hand`."""
    uri = str(model.path)
    wanted = {name: found for name, found in list_objects(uri).items() if name.endswith(IDENTIFYING)}
    if not any(name.endswith(".safetensors") for name in wanted):
        raise StudyError(
            f"{uri} has no *.safetensors directly below it, expected a model's folder as transformers saves it",
            field=f"models.{model.name}.path",
        )
    return fetch_objects(uri, wanted)


def stored_model(model: Model, store: Store) -> Manifest | None:
    """The manifest of a hub model in the store; None if it is not there with its files, or the model is none."""
    if not _can_be_stored(model):
        return None
    manifest = store.manifest(model_key(model))
    return None if manifest is None or manifest.pruned is not None else manifest


def model_key(model: Model) -> str:
    """Where a store has a hub model at a commit; with its code where the study trusts it."""
    identity = {"format": MODEL_FORMAT, "hub": model.path, "commit": model.revision, "code": model.trust_remote_code}
    return "models/" + digest(identity)


def _can_be_stored(model: Model) -> bool:
    """Whether it is a hub model at a commit."""
    return model.path is not None and is_hub_id(model.path) and is_commit(model.revision)
