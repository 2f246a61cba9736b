"""The errors that a user can mend; the command line catches their root and nothing else.

UserError                     exit status 2, one message, no traceback
├── StudyError                a field of the study file: file, line, field, value, what is allowed
├── DataError                 a row or a source: file, line, value, what is allowed
├── StoreError                the store: key or path, what happened, the next step
├── EndpointError             an endpoint that answers requests: its address and model, what happened, the next step
└── CellFailure               a cell's step failed for a reason that the user can mend (NaN loss, missing memory)
"""


class UserError(Exception):
    """Bad input or a bad environment. The message names the place, the value, what is allowed and the next step."""


class StudyError(UserError):
    """A field of a study file, or of another YAML file that people write, is not what it has to be.

    The text reads `FILE:LINE: FIELD: got VALUE, expected ALLOWED`, with the parts that are known.
    """

    def __init__(self, message: str, *, field: str = "", file: str = "", line: int | None = None) -> None:
        self.field = field
        place = f"{file}:{line}: " if line else (f"{file}: " if file else "")
        super().__init__(f"{place}{field + ': ' if field else ''}{message}")


class DataError(UserError):
    """A training or test source cannot be used as it is."""


class StoreError(UserError):
    """The store cannot be read or written, or an artifact in it is missing, pruned or damaged."""


class EndpointError(UserError):
    """An endpoint cannot be reached, refuses, or does not answer; what it answered before is kept."""


class CellFailure(UserError):
    """A cell cannot be completed, for a reason that belongs to this cell alone."""
