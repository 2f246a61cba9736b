"""What every part of a study file is made of: the base class, names and counts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+((\.|-+)[a-z0-9]+)*$", max_length=63)]
TaskName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$", max_length=40)]
Setting = Literal["single_task", "multi_task"]


class Spec(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True, use_attribute_docstrings=True
    )


def is_name(text: str) -> bool:
    """Whether a study, a model or a mixture could have this name."""
    try:
        TypeAdapter(Name).validate_python(text)
    except ValidationError:
        return False
    return True
