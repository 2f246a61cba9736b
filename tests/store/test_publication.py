"""Publishing through a network that fails: what stands is never deleted, and nothing is called done that is not."""

import time
from pathlib import Path

import pytest

from clt.errors import StoreError
from clt.store import Store, open_store, publication
from tests.store.faulty_proxy import FaultyProxy, first, lost_answer, not_found, then

KEY = "trainings/ab12"
MANIFEST = f"{KEY}/manifest.json"


def publish(store: Store, text: str = "weights") -> None:
    with store.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text(text)


def content(store: Store) -> str:
    return (store.fetch(KEY) / "model.bin").read_text()


def uploads(store: Store) -> list[str]:
    return list(store._bucket.listing(f"{KEY}/attempts"))  # type: ignore[attr-defined]


def test_a_stale_404_after_the_write_deletes_nothing(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    with behind_proxy.writer(KEY) as attempt:
        (attempt.path / "model.bin").write_text("weights")
        proxy.fail("PUT", MANIFEST, first(lambda: proxy.fail("GET", MANIFEST, not_found)))
    assert content(object_store) == "weights"


def test_a_write_whose_answer_was_lost_stands(behind_proxy: Store, object_store: Store, proxy: FaultyProxy) -> None:
    proxy.fail("PUT", MANIFEST, lost_answer)
    publish(behind_proxy)
    assert content(object_store) == "weights" and len(uploads(object_store)) == 1


def test_a_lost_answer_and_stale_404s_are_never_success_with_nothing_and_never_delete(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "PAUSE", 0.0)
    proxy.fail("PUT", MANIFEST, lost_answer)
    proxy.fail("GET", MANIFEST, not_found, times=100)
    with pytest.raises(StoreError, match=rf"{KEY}: .*cannot be published.*run again"):
        publish(behind_proxy)
    assert content(object_store) == "weights"


def test_a_tombstone_that_goes_before_the_write_is_no_reason_to_store_nothing(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    publish(object_store)
    object_store.prune(KEY, "superseded")
    proxy.fail("PUT", MANIFEST, first(lambda: object_store._bucket.delete([MANIFEST])))  # type: ignore[attr-defined]
    publish(behind_proxy, "anew")
    assert content(object_store) == "anew"


def test_another_tombstone_before_the_write_is_replaced_as_well(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    def again() -> None:
        publish(object_store, "between")
        object_store.prune(KEY, "superseded")

    proxy.fail("PUT", MANIFEST, first(again))
    publish(behind_proxy, "anew")
    assert content(object_store) == "anew"


def test_the_slower_of_two_writers_deletes_its_own_upload_alone(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    proxy.fail("PUT", MANIFEST, first(lambda: publish(object_store, "quick")))
    publish(behind_proxy, "slow")
    assert content(object_store) == "quick" and len(uploads(object_store)) == 1


def test_a_writer_that_slept_while_its_files_were_swept_uploads_them_again(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    proxy.fail("PUT", "model.bin", then(lambda: object_store._bucket.delete(uploads(object_store))))  # type: ignore[attr-defined]
    publish(behind_proxy)
    assert content(object_store) == "weights" and len(uploads(object_store)) == 1


def test_files_swept_in_the_very_moment_of_the_write_are_uploaded_again(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time

    def sleeps_and_is_swept() -> None:
        object_store._bucket.delete(uploads(object_store))  # type: ignore[attr-defined]
        monkeypatch.setattr(time, "time", lambda: now() + 2 * 24 * 3600)

    proxy.fail("PUT", MANIFEST, first(sleeps_and_is_swept))
    publish(behind_proxy)
    monkeypatch.setattr(time, "time", now)
    assert content(object_store) == "weights"


def test_an_attempt_that_was_published_meanwhile_is_never_swept(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "DEAD", -1.0)
    # The manifest comes up after the second writer has looked for it, and before that one sweeps.
    proxy.fail("GET", "attempts%2F", first(lambda: publish(object_store)))
    publish(behind_proxy, "slow")
    assert content(object_store) == "weights"


@pytest.fixture(params=["folder", "bucket"])
def two_stores(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Store, Store]:
    """Two openings of one store."""
    one = request.getfixturevalue("object_store") if request.param == "bucket" else open_store(tmp_path / "store")
    return one, open_store(one.uri)


def test_a_slower_pruner_leaves_what_was_made_anew(two_stores: tuple[Store, Store]) -> None:
    one, other = two_stores
    publish(one)
    decided_on = other.manifest(KEY)
    one.prune(KEY, "superseded")
    publish(one, "anew")
    other.prune(KEY, "superseded", only=decided_on)
    assert content(one) == "anew"


def test_a_slower_pruner_whose_tombstone_is_on_its_way_leaves_what_was_made_anew(
    behind_proxy: Store, object_store: Store, proxy: FaultyProxy
) -> None:
    def between() -> None:
        object_store.prune(KEY, "superseded")
        publish(object_store, "anew")

    publish(object_store)
    proxy.fail("PUT", MANIFEST, first(between))
    behind_proxy.prune(KEY, "superseded too")
    assert content(object_store) == "anew"
