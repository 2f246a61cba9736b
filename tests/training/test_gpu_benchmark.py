"""`make bench-gpu` runs: in small, on whatever this machine has."""

from benchmarks.gpu import CASES, KINDS, main


def test_the_benchmark_of_accelerators_measures_every_case() -> None:
    found = main(["--tiny", "--steps", "1"])
    assert [(each["case"], each["kind"]) for each in found] == [(case, kind) for case in CASES for kind in KINDS]
    assert all(each["tokens_per_second"] > 0 and each["peak_memory_bytes"] > 0 for each in found)
