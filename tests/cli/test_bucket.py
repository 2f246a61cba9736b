"""A whole study on a store in a bucket: the same numbers as on a folder, and nothing but the bucket is needed after."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from minio import Minio

from tests.cli.small_study import write_study
from tests.store.minio_server import MISSING, is_there, running_minio

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_study_on_a_bucket_gives_the_numbers_of_a_folder(tmp_path: Path) -> None:
    if not is_there():
        pytest.skip(MISSING)
    study = write_study(tmp_path, steps=2)
    with running_minio(tmp_path / "minio") as server:
        address = f"127.0.0.1:{server.port}"
        Minio(address, server.keys["access"], server.keys["secret"], secure=False).make_bucket("studies")

        def clt(*arguments: str | Path, cache: str = "cache") -> None:
            command = [sys.executable, "-m", "clt", *map(str, arguments)]
            environment = os.environ | server.environment | {"CLT_CACHE": str(tmp_path / cache)}
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            assert server.keys["secret"] not in done.stdout + done.stderr

        clt("run", study, "--store", tmp_path / "folder", "--output", tmp_path / "one", "--workers", "1")
        clt("run", study, "--store", "s3://studies/first", "--output", tmp_path / "two", "--workers", "1")
        report = ("report", "--store", "s3://studies/first", "--study", study, "--output", tmp_path / "three")
        clt(*report, cache="empty")
        one, two, three = (
            json.loads((tmp_path / name / "statistics.json").read_text()) for name in ("one", "two", "three")
        )
    for document in (one, two, three):
        del document["provenance"]
    assert one == two == three
