"""Reading through a network that fails: repeated until one deadline, and never mistaken for damage in the store."""

import os
import time
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, connection, open_store, transfer
from tests.store.faulty_proxy import Answer, FaultyProxy, Forward, busy, cut_body, flipped_bit, lost_answer
from tests.store.minio_server import MinioServer

KEY = "trainings/ab12"


def publish(store: Store, content: bytes = b"weights") -> None:
    with store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_bytes(content)


def content(store: Store) -> bytes:
    return (store.fetch(KEY) / "model.bin").read_bytes()


def test_a_bit_flipped_in_transit_is_read_again(behind_proxy: Store, object_store: Store, proxy: FaultyProxy) -> None:
    publish(object_store)
    proxy.fail("GET", "model.bin", flipped_bit)
    assert content(behind_proxy) == b"weights"


@pytest.mark.parametrize("size", [7, transfer.SMALL + transfer.PART])
def test_a_part_of_a_file_that_was_flipped_in_transit_is_read_again(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, size: int
) -> None:
    written = os.urandom(size)
    publish(object_store, written)
    proxy.fail("GET", "model.bin", flipped_bit)
    assert content(behind_proxy) == written


def test_bytes_that_always_change_on_the_way_are_not_called_damage_in_the_store(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    publish(object_store)
    proxy.fail("GET", "model.bin", flipped_bit, times=99)
    with pytest.raises(StoreError, match=r"change on the way.*server holds others; delete nothing"):
        behind_proxy.fetch(KEY)


def test_damage_in_the_store_is_said_with_the_key_to_delete(object_store: Store) -> None:
    publish(object_store)
    (name,) = object_store._bucket.listing(f"{KEY}/attempts")  # type: ignore[attr-defined]
    object_store._bucket.write(name, b"weighty")  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match=rf"the object is damaged: got SHA-256 .* each time; delete {KEY} there"):
        object_store.fetch(KEY)


@pytest.mark.parametrize("name", ["manifest.json", "model.bin", "state.json"])
def test_a_reset_in_the_body_of_a_small_object_is_tried_again(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, name: str
) -> None:
    publish(object_store)
    with object_store.track("evaluations/cd34", cell="x"):
        proxy.fail("GET", name, cut_body, times=3)
        assert content(behind_proxy) == b"weights"
        assert behind_proxy.state("evaluations/cd34").facts["cell"] == "x"


def test_a_large_file_outlives_resets_in_its_parts(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "AWAIT", 0.0)
    written = os.urandom(2 * transfer.PART + 17)
    publish(object_store, written)
    proxy.fail("GET", "model.bin", cut_body, times=8)
    assert content(behind_proxy) == written


def test_a_server_that_asks_to_come_back_tomorrow_is_asked_again_soon(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LONGEST_PAUSE", 0.1)
    publish(object_store)
    proxy.fail("GET", "manifest.json", busy("86400"), times=3)
    proxy.fail("GET", "model.bin", busy("Wed, 21 Oct 2099 07:28:00 GMT"), times=3)
    assert content(behind_proxy) == b"weights"


@pytest.mark.parametrize(
    ("fault", "reason"), [(busy("86400"), "too many 503 error responses"), (lost_answer, r"\w+Error")]
)
def test_a_server_that_never_serves_is_given_up_at_one_deadline(
    behind_proxy: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch, fault: object, reason: str
) -> None:
    monkeypatch.setattr(connection, "DEADLINE", 0.3)
    monkeypatch.setattr(connection, "LONGEST_PAUSE", 0.1)
    proxy.fail("GET", "manifest.json", fault, times=10**6)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=rf"{KEY}/manifest.json: the object store at .* reached \({reason}\), tried"):
        behind_proxy.manifest(KEY)


def test_a_server_that_never_answers_is_given_up_at_the_same_deadline(
    object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"DEADLINE": 0.3, "LONGEST_PAUSE": 0.1, "READ": 0.2}.items():
        monkeypatch.setattr(connection, name, value)
    answered: list[int] = []

    def silent(_: Forward) -> Answer | None:
        time.sleep(1)  # longer than a try waits
        answered.append(1)
        return None

    store = open_store(object_store.uri)
    proxy.fail("GET", "manifest.json", silent, times=10**6)
    with pytest.raises(StoreError, match=r"cannot be reached \(ReadTimeoutError\)"):
        store.manifest(KEY)


def test_a_key_that_was_rotated_is_read_again_when_it_is_refused(
    object_store: Store, minio: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "accesskey").write_text(minio.keys["access"])
    (secret / "secretkey").write_text(minio.keys["secret"])
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("OBJECT_STORE_SECRET", str(secret))
    with minio.user("rotated", "old-secret"), minio.user("fresh", "new-secret"):
        (secret / "accesskey").write_text("rotated")
        (secret / "secretkey").write_text("old-secret")
        store = open_store(object_store.uri)
        publish(store)
        (secret / "accesskey").write_text("fresh")
        (secret / "secretkey").write_text("new-secret")
        minio.disable("rotated")
        assert content(store) == b"weights" and store.keys("") == [KEY]
        minio.disable("fresh")
        with pytest.raises(StoreError, match=r"refused by .* \((InvalidAccessKeyId|AccessDenied)\)"):
            store.manifest(KEY)
