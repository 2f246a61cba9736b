"""What a store promises to one process: complete or invisible, checked on read, pruned with a reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, file_locks, open_store

KEY = "trainings/ab12/checkpoints/00000050"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


def publish(store: Store, key: str = KEY, text: str = "weights") -> Path:
    with store.writer(key) as attempt:
        (attempt.path / "model.bin").write_text(text)
        (attempt.path / "tokenizer").mkdir()
        (attempt.path / "tokenizer" / "vocabulary.txt").write_text("a\nb\n")
        attempt.metadata["step"] = 50
    return store.fetch(key)


def test_a_clean_exit_publishes_files_checksums_and_metadata(store: Store) -> None:
    folder = publish(store)
    manifest = store.manifest(KEY)
    assert (folder / "tokenizer/vocabulary.txt").read_text() == "a\nb\n"
    assert manifest is not None and manifest.metadata == {"step": 50} and manifest.pruned is None
    assert set(manifest.files) == {"model.bin", "tokenizer/vocabulary.txt"}
    assert manifest.files["model.bin"].size == 7 and len(manifest.files["model.bin"].sha256) == 64


def test_nothing_is_visible_before_the_exit_and_nothing_left_after_an_exception(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("half")
        assert store.manifest(KEY) is None and store.keys("") == []
        raise ZeroDivisionError
    assert store.manifest(KEY) is None
    assert list((tmp_path / "store" / KEY / "attempts").iterdir()) == []


def test_an_interruption_just_after_publication_keeps_the_files(store: Store) -> None:
    # The clean-up once went by a variable that a signal could leave unset although the manifest was already there.
    with pytest.raises(KeyboardInterrupt), store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("weights")
        store._publish(KEY, attempt)  # type: ignore[attr-defined]
        raise KeyboardInterrupt
    assert (store.fetch(KEY) / "model.bin").read_text() == "weights"


def test_the_first_complete_writer_stands(store: Store, tmp_path: Path) -> None:
    with store.writer(KEY) as slow:
        (slow.path / "model.bin").write_text("slow")
        publish(store, text="quick")
    assert (store.fetch(KEY) / "model.bin").read_text() == "quick"
    assert len(list((tmp_path / "store" / KEY / "attempts").iterdir())) == 1


def test_keys_lists_complete_keys_below_a_prefix(store: Store) -> None:
    publish(store, "trainings/ab12/checkpoints/00000100")
    publish(store)
    publish(store, "mixtures/cd34")
    assert store.keys("trainings/ab12") == [KEY, "trainings/ab12/checkpoints/00000100"]
    assert store.keys("mixtures/cd34") == ["mixtures/cd34"]
    assert store.keys("nothing") == []
    assert len(store.keys("")) == 3


def test_a_flipped_bit_is_found_by_a_new_process_and_named(store: Store) -> None:
    file = publish(store) / "model.bin"
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)
    code = f"from clt.store import open_store; open_store({store.uri!r}).fetch({KEY!r})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    for part in (str(file), "damaged", "SHA-256", f"delete {store.uri}/trainings/ab12 and run again"):
        assert part in result.stderr


def test_a_lost_file_and_a_damaged_manifest_are_named(store: Store) -> None:
    file = publish(store) / "model.bin"
    file.unlink()
    with pytest.raises(StoreError, match=r"model\.bin: the file cannot be read.*run again"):
        store.fetch(KEY)
    manifest = Path(store.uri, KEY, "manifest.json")
    manifest.write_text(manifest.read_text().replace('"step": 50', '"step": 51'))
    with pytest.raises(StoreError, match=r"manifest\.json: the manifest is damaged \(its checksum.*run again"):
        store.manifest(KEY)


def test_a_missing_key_says_so(store: Store) -> None:
    with pytest.raises(StoreError, match="not in the store"):
        store.fetch(KEY)
    with pytest.raises(StoreError, match="not in the store"):
        store.prune(KEY, "superseded")


def test_pruning_leaves_a_tombstone_with_the_reason(store: Store) -> None:
    folder = publish(store)
    store.prune(KEY, "its scores are complete")
    store.prune(KEY, "again")
    manifest = store.manifest(KEY)
    assert not folder.exists() and manifest is not None
    assert (manifest.pruned, manifest.metadata) == ("its scores are complete", {"step": 50})
    assert store.keys("trainings") == [KEY] and store.state(KEY).state == "done"
    with pytest.raises(StoreError, match=r"its scores are complete.*delete .*/trainings/ab12 and run again"):
        store.fetch(KEY)


def test_a_new_writer_replaces_a_tombstone(store: Store) -> None:
    publish(store)
    store.prune(KEY, "superseded")
    assert (publish(store, text="again") / "model.bin").read_text() == "again"


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "A/b", "a b", "a/attempts/x", "locks/x", "a.json"]
)
def test_unsafe_keys_are_refused(store: Store, key: str) -> None:
    with pytest.raises(ValueError, match="store key"):
        store.manifest(key)


def test_metadata_that_is_not_json_is_refused(store: Store) -> None:
    for value in (float("nan"), {1, 2}):
        with pytest.raises((ValueError, TypeError)), store.writer(KEY) as attempt:
            attempt.metadata["value"] = value
        assert store.manifest(KEY) is None


def test_links_are_refused_because_their_target_could_go(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no links"), store.writer(KEY) as attempt:
        (attempt.path / "model.bin").symlink_to(tmp_path)


def test_reading_creates_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "typo")
    assert store.keys("") == [] and store.manifest(KEY) is None and store.state(KEY).state == "missing"
    assert not (tmp_path / "typo").exists()


def test_the_uri_opens_the_same_store_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("store")
    publish(store)
    monkeypatch.chdir("/")
    assert open_store(store.uri).keys("") == [KEY]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("gs://bucket/a", "scheme 'gs'"),
        ("file:///tmp", "scheme 'file'"),
        (" ", "expected s3://BUCKET/PREFIX or a local folder"),
    ],
)
def test_other_kinds_of_store_are_refused_by_name(uri: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        open_store(uri)


def test_a_newer_format_is_refused_by_name(store: Store) -> None:
    publish(store)
    Path(store.uri, "format.json").write_text('{"format": 2}')
    with pytest.raises(StoreError, match=r"format\.json: got store format 2, expected at most 1; .* update it"):
        open_store(store.uri)
    Path(store.uri, "format.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        open_store(store.uri)


def test_a_folder_with_other_files_and_a_file_are_no_store(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(StoreError, match=r"not a store \(no format\.json\) and not empty"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match="is a file"):
        open_store(tmp_path / "letter.txt")


def test_track_shows_running_failed_and_done(store: Store) -> None:
    with store.track(KEY, cell="small-n0"):
        state = store.state(KEY)
        assert (state.state, state.facts["cell"]) == ("running", "small-n0") and state.started
    assert store.state(KEY).state == "missing"
    with pytest.raises(StoreError), store.track(KEY):
        raise StoreError("the row is bad")
    assert (store.state(KEY).state, store.state(KEY).error) == ("failed", "the row is bad")
    with pytest.raises(ZeroDivisionError), store.track(KEY):
        raise ZeroDivisionError("a bug")
    assert "Traceback" in store.state(KEY).error and "a bug" in store.state(KEY).error
    publish(store)
    assert store.state(KEY).state == "done"


def test_metadata_survives_every_script(store: Store) -> None:
    with store.writer(KEY) as attempt:
        attempt.metadata["text"] = "数学 ٧٠ ½"
    manifest = store.manifest(KEY)
    assert manifest is not None and manifest.metadata["text"] == "数学 ٧٠ ½"
    assert "数学" in json.dumps(dict(manifest.metadata), ensure_ascii=False)


def test_notes_of_a_running_step_are_seen_by_others(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_locks, "_PAUSE", 0.0)
    with store.track(KEY, cell="x") as note:
        for step in (9, 10, 8):
            note(step=step)
            assert (store.state(KEY).state, store.state(KEY).facts["step"], store.state(KEY).facts["cell"]) == (
                "running",
                step,
                "x",
            )
