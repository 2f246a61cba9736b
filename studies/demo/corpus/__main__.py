"""`python -m clt.studies.demo.corpus OUTPUT_DIR`: write the demo's data files."""

import argparse
from pathlib import Path

from clt.studies.demo.corpus.files import write_files


def main() -> None:
    """Write the files and say how many and how large."""
    parser = argparse.ArgumentParser(prog="python -m clt.studies.demo.corpus", description=__doc__)
    parser.add_argument("output_dir", type=Path, help="folder for the jsonl files; made if missing")
    paths = write_files(parser.parse_args().output_dir)
    print(f"{len(paths)} files, {sum(path.stat().st_size for path in paths):,} bytes")


if __name__ == "__main__":
    main()
