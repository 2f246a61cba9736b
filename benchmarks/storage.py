"""Folders to a MinIO on this machine and back, beside MinIO's own client `mc`.

    python -m benchmarks.storage [--runs 3] [--large 2000] [--small 2000]

One file of --large MB, and --small files of 50 KB. Ours publishes an artifact (SHA-256 of every file, manifest last)
and fetches it into an empty cache (checked against the manifest); `mc cp` copies the same files and checks nothing of
it. Runs alternate; seconds are of whole processes, ours with Python's start and imports. Needs `minio` and `mc` on the
PATH.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from minio import Minio

from tests.store.minio_server import MinioServer, running_minio

KEY = "trainings/benchmark"
MEMORY = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
PUT = """
import os, sys
from pathlib import Path
from clt.store import open_store
with open_store(sys.argv[1]).writer(sys.argv[2]) as attempt:
    for path in Path(sys.argv[3]).iterdir():
        os.link(path, attempt.path / path.name)
"""
GET = "import sys; from clt.store import open_store; open_store(sys.argv[1]).fetch(sys.argv[2])\n"
peaks: list[int] = []  # MiB of our processes


def make_files(folder: Path, large_megabytes: int, small_files: int) -> dict[str, Path]:
    """A folder with one large file and a folder with many small ones, of random bytes."""
    large, small = folder / "large", folder / "small"
    large.mkdir()
    small.mkdir()
    with (large / "weights.bin").open("wb") as file:
        for _ in range(large_megabytes):
            file.write(os.urandom(1_000_000))
    for number in range(small_files):
        (small / f"{number:05d}.bin").write_bytes(os.urandom(50_000))
    return {f"one file of {large_megabytes} MB": large, f"{small_files} files of 50 KB": small}


def seconds(command: list[str], environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True)
    taken = time.perf_counter() - start
    if command[0] == sys.executable:
        peaks.append(int(done.stdout))
    return taken


def compare(name: str, runs: int, ours: Callable[[int], float], theirs: Callable[[int], float]) -> None:
    pairs = [(ours(run), theirs(run)) for run in range(runs)]
    mine, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    shown = " / ".join(f"{a:.1f} and {b:.1f}" for a, b in pairs)
    print(f"{name}: ours {mine:.2f} s, mc {peer:.2f} s, throughput {peer / mine:.2f} of mc's ({shown})", flush=True)


def measure(server: MinioServer, folder: Path, files: Path, name: str, runs: int) -> None:
    bucket = files.name
    address = f"127.0.0.1:{server.port}"
    Minio(address, server.keys["access"], server.keys["secret"], secure=False).make_bucket(bucket)
    store = f"s3://{bucket}/ours"
    alias = {"MC_HOST_here": f"http://{server.keys['access']}:{server.keys['secret']}@{address}"}
    cache = folder / "cache"
    own = {**server.environment, "CLT_CACHE": str(cache)}
    mc = ["mc", "--quiet", "cp", "--recursive"]

    def fetch(run: int) -> float:
        shutil.rmtree(cache, ignore_errors=True)
        return seconds([sys.executable, "-c", GET + MEMORY, store, f"{KEY}{run}"], own)

    def copy_back(run: int) -> float:
        shutil.rmtree(folder / "back", ignore_errors=True)
        return seconds([*mc, f"here/{bucket}/mc{run}/", f"{folder / 'back'}/"], alias)

    compare(
        f"up, {name}",
        runs,
        lambda run: seconds([sys.executable, "-c", PUT + MEMORY, store, f"{KEY}{run}", str(files)], own),
        lambda run: seconds([*mc, f"{files}/", f"here/{bucket}/mc{run}/"], alias),
    )
    compare(f"down, {name}", runs, fetch, copy_back)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--large", type=int, default=2000, help="megabytes of the one large file")
    parser.add_argument("--small", type=int, default=2000, help="number of small files")
    options = parser.parse_args()
    for tool in ("minio", "mc"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not on the PATH: this benchmark needs MinIO's server and client")
    with tempfile.TemporaryDirectory() as name, running_minio(Path(name) / "data") as server:
        for shown, files in make_files(Path(name), options.large, options.small).items():
            measure(server, Path(name), files, shown, options.runs)
    print(f"peak memory of our processes: {max(peaks)} MiB")


if __name__ == "__main__":
    main()
