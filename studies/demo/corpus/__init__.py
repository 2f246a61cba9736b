"""The demo's parallel corpus in eight languages: three tasks and the text that the base models are trained
on.

`python -m clt.studies.demo.corpus OUTPUT_DIR` writes the data files.
"""

from clt.studies.demo.corpus.files import SEED, TASKS, rows, write_files
from clt.studies.demo.corpus.languages import LANGUAGES, TRAINED
from clt.studies.demo.corpus.pretraining import documents

__all__ = ["LANGUAGES", "SEED", "TASKS", "TRAINED", "documents", "rows", "write_files"]
