"""Files of hub models: which of them a model needs, and their download."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from clt.errors import StudyError, UserError
from clt.study import Model

SIDE_BY_SIDE = 4  # downloads
WEIGHTS = "*.safetensors"
# transformers reads weights whose names begin so; others beside them are the same once more, for another library.
PREFERRED_WEIGHTS = "model*.safetensors"
OTHERS = ("*.json", "*.model", "*.txt", "*.jinja")
CODE = "*.py"


@dataclass(frozen=True, kw_only=True, slots=True)
class HubFile:
    name: str
    size: int  # bytes
    sha256: str | None  # the hub knows it of large files


def commit_of(model: Model) -> str:
    """The commit that a hub model's revision names now. Errors as for `list_files`."""
    from huggingface_hub import HfApi

    with _hub_errors(model):
        return str(HfApi().model_info(str(model.path), revision=model.revision).sha)


def list_files(model: Model) -> list[HubFile]:
    """Weights, configuration and tokenizer of a hub model at its revision, and its code where the study trusts it.

    Raises:
        StudyError: There is no such model or revision, it is closed to us, or it has no *.safetensors.
        UserError: The hub cannot be reached.
    """
    from huggingface_hub import HfApi

    with _hub_errors(model):
        info = HfApi().model_info(str(model.path), revision=model.revision, files_metadata=True)
    top = [entry for entry in info.siblings or [] if "/" not in entry.rfilename]
    preferred = any(fnmatchcase(entry.rfilename, PREFERRED_WEIGHTS) for entry in top)
    patterns = (PREFERRED_WEIGHTS if preferred else WEIGHTS, *OTHERS, *((CODE,) if model.trust_remote_code else ()))
    files = [
        HubFile(name=entry.rfilename, size=entry.size or 0, sha256=entry.lfs.sha256 if entry.lfs else None)
        for entry in top
        if any(fnmatchcase(entry.rfilename, pattern) for pattern in patterns)
    ]
    if not any(fnmatchcase(file.name, WEIGHTS) for file in files):
        raise StudyError(
            f"{model.path} has no *.safetensors at {model.revision}, expected them: no other weights are loaded; "
            "take a revision that has them, or convert it and give the folder",
            field=f"models.{model.name}.path",
        )
    return files


def download_files(model: Model, files: Sequence[HubFile], folder: Path, came: Callable[[HubFile], None]) -> None:
    """Make a folder hold files of a hub model; those that came whole before are not fetched again.

    Args:
        model: At a commit.
        files: Which.
        folder: Is made; the hub's library keeps its notes in it, below `.cache`.
        came: Called for each file when it is there.

    Raises:
        StudyError: As for `list_files`.
        UserError: The hub cannot be reached, or broke off.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()  # lines tell it, also where there is no terminal
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in (folder / ".cache").rglob("*.incomplete"):  # of a process that was killed; none is taken up
        left_over.unlink(missing_ok=True)

    def fetch(file: HubFile) -> HubFile:
        with _hub_errors(model):
            hf_hub_download(str(model.path), file.name, revision=model.revision, local_dir=folder)
        return file

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = [pool.submit(fetch, file) for file in sorted(files, key=lambda file: -file.size)]
        try:
            for done in as_completed(running):
                came(done.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _hub_errors(model: Model) -> Iterator[None]:
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
        XetDownloadError,
    )

    place, field = f"{model.path} at {model.revision}", f"models.{model.name}"
    try:
        yield
    except GatedRepoError as error:
        raise StudyError(
            f"{model.path} is closed to us: accept its terms on the hub with the account whose token is used "
            "(HF_TOKEN, or the Secret of `clt compile --hub-secret`)",
            field=f"{field}.path",
        ) from error
    except RevisionNotFoundError as error:
        raise StudyError(
            f"got {model.revision!r}, which {model.path} does not have, expected one of its commits",
            field=f"{field}.revision",
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise StudyError(
            f"got {model.path!r}, which the hub does not have or does not show us, expected a model's id (of a private "
            "one the token too: HF_TOKEN)",
            field=f"{field}.path",
        ) from error
    except (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        HTTPError,
        XetDownloadError,
        ConnectionError,
        TimeoutError,
    ) as error:
        raise UserError(
            f"{place}: the hub cannot be reached, or broke off ({_reason(error)}); run again: it goes on with the "
            "files that are missing"
        ) from error


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]
