"""Log lines for people (the message alone) or for programs (a JSON object each): Python's own logging, set up once.

log = logging.getLogger("clt.launcher")
log.info("created", extra={"job": name})
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import TextIO

FORMATS = ("text", "json")
VARIABLE = "CLT_LOG_FORMAT"
_OF_EVERY_RECORD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def set_up_logging(form: str | None = None, stream: TextIO | None = None) -> None:
    """Send what is logged to a stream, in the place of whatever was set up before.

    Args:
        form: "text" or "json"; None: what the variable CLT_LOG_FORMAT says, else text.
        stream: Where lines go; None: standard output.
    """
    chosen = form or os.environ.get(VARIABLE, "text")
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter() if chosen == "json" else logging.Formatter("%(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("clt").setLevel(logging.INFO)
    logging.captureWarnings(chosen == "json")


class JsonFormatter(logging.Formatter):
    """One line of JSON: time (UTC), level, logger, message, what `extra` held, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
