"""Whoever can write to a store can write a manifest: nothing outside the attempt's folder is touched because of one."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import FileFacts, Manifest, Store, open_store
from clt.store.manifest import parse_manifest

KEY = "trainings/ab12"
ATTEMPT = "0" * 32
FACTS = FileFacts(size=1, sha256="0" * 64)
Plant = Callable[[Manifest], None]

NAMES = [
    "/etc/passwd", "..", "../x", "a/../../x", "a/..", ".", "./x", "", "a//b", "a/", "/", "a/./b", "a\\..\\..\\x",
    "C:\\x", "a\x00b", "..\x00/x", "a\nb", "\\\\host\\share",
]  # fmt: skip
ATTEMPTS = ["", "..", "../../x", "/tmp/x", "a/b", ATTEMPT + "/..", ATTEMPT.upper().replace("0", "A"), ATTEMPT + "\n"]


def manifest(name: str = "model.bin", attempt: str = ATTEMPT, key: str = KEY) -> Manifest:
    return Manifest(key=key, attempt=attempt, files={name: FACTS}, metadata={}, created="2026-01-01T00:00:00Z")


def is_refused(made: Manifest) -> bool:
    try:
        parse_manifest(made.to_json().encode(), "place", KEY)
    except StoreError as error:
        assert "place: the manifest is damaged" in str(error) and "run again" in str(error)
        return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    assert is_refused(manifest(name))


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_is_one_folder_of_ours(attempt: str) -> None:
    assert is_refused(manifest(attempt=attempt))


def test_any_name_that_is_accepted_stays_below_its_folder(tmp_path: Path) -> None:
    chance, accepted = random.Random(11), 0
    parts = ["a", "b.txt", "..", ".", "", "...", "..a", "٧", "a b", "\\", "\x00", "~", "$HOME", "/", "-rf"]
    for _ in range(3000):
        name = "/".join(chance.choice(parts) for _ in range(chance.randint(1, 5)))
        if not is_refused(manifest(name)):
            accepted += 1
            path = tmp_path / ATTEMPT / name
            assert path.resolve().is_relative_to((tmp_path / ATTEMPT).resolve()) and path.resolve() == path
    assert accepted > 100


@pytest.mark.parametrize(
    "made",
    [
        manifest(key="trainings/cd34"),
        replace(manifest(), files={"a": FileFacts(size=-1, sha256="0" * 64)}),
        replace(manifest(), files={"a": FileFacts(size=1, sha256="../x")}),
        replace(manifest(), files={"a": FileFacts(size=True, sha256="0" * 64)}),
        replace(manifest(), metadata=[]),
        replace(manifest(), pruned=7),
    ],
)
def test_what_else_is_not_ours_is_refused(made: Manifest) -> None:
    assert is_refused(made)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"7", b"null", b'{"format": 1}', b"\xff", b""])
def test_what_is_no_manifest_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(StoreError, match="the manifest is damaged"):
        parse_manifest(text, "place", KEY)


@pytest.fixture(params=["folder", "bucket"])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Plant]:
    """A store, and a way to write a manifest into it as an attacker would."""
    if request.param == "bucket":
        bucket: Store = request.getfixturevalue("object_store")
        return bucket, lambda made: bucket._bucket.write(f"{KEY}/manifest.json", made.to_json().encode())  # type: ignore[attr-defined]
    folder = open_store(tmp_path / "store")

    def plant(made: Manifest) -> None:
        with folder.writer(KEY):
            pass
        Path(folder.uri, KEY, "manifest.json").write_text(made.to_json())

    return folder, plant


@pytest.mark.parametrize("made", [manifest("../../../../prey.txt"), manifest(attempt="../../../..")])
def test_no_method_of_a_store_follows_a_planted_manifest(
    planted: tuple[Store, Plant], tmp_path: Path, made: Manifest
) -> None:
    store, plant = planted
    prey = tmp_path / "prey.txt"
    prey.write_text("mine")
    plant(made)
    for act in (store.manifest, store.fetch, store.state, lambda key: store.prune(key, "superseded")):
        with pytest.raises(StoreError, match="the manifest is damaged"):
            act(KEY)
    with pytest.raises(StoreError, match="the manifest is damaged"), store.writer(KEY):
        pass
    assert store.manifests([KEY]) == {} and store.states([KEY])[KEY].state == "failed"
    assert prey.read_text() == "mine" and sorted(path.name for path in tmp_path.glob("prey*")) == ["prey.txt"]
