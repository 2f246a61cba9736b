"""What Kubeflow's form asks for, by the names that it shows: it sorts them, and shows no description.

They are the parameters of both pipelines. A mistake in one of them is named by the field, and tried once.
"""

from clt.errors import StoreError, StudyError
from clt.store import Unreachable, open_store

STUDY = "study_yaml_or_uri"
STORE = "store_uri"
SHARD = "shard_of_cells"
REPEAT = "repeat_label"

ALL_CELLS = "1/1"  # as shard: the whole study is this run
# As repeat: the run's own id, so that a recurring run computes the same cells anew each time.
EVERY_RUN = "run"
# As repeat: none. Kubeflow's form takes an empty text for one that is missing.
NO_REPEAT = "none"


def check_store(store_uri: str) -> None:
    """Refuse a store that cannot be right, such as a bucket that is not there; one that does not answer may be back.

    Raises:
        StudyError: What is wrong with it, under the form's field.
    """
    try:
        open_store(store_uri).manifest("studies/none")
    except Unreachable:
        return
    except StoreError as error:
        raise StudyError(str(error), field=STORE) from error
