"""How many parameters a safetensors file holds, by its header alone."""

import json
import math
import struct
from pathlib import Path

from clt.errors import StudyError


def count_parameters(file: Path) -> int:
    """The elements of all tensors; the file is a header length (8 bytes, little-endian), a JSON header, data.

    Raises:
        StudyError: It is no safetensors file.
    """
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError(f"a header of {length} bytes")
            header = json.loads(stream.read(length))
        return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise StudyError(f"{file} is not a safetensors file ({error}), expected an undamaged one") from None
