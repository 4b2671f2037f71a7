"""Which field somebody may have meant who wrote one that there is not."""

from collections.abc import Iterator, Sequence
from typing import get_args

from pydantic import BaseModel

_LONGEST = 64  # no field's name comes near it, and comparing costs time


def meant_fields(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The fields that stand where the unknown one, the last of `path`, does in a body of `model`, and look like it.

    Those, at most two, that have it as one of their words, as `ttl_seconds` has `ttl`; else the one nearest to it.
    """
    *above, unknown = path
    if not isinstance(unknown, str) or len(unknown) > _LONGEST:
        return []
    from difflib import get_close_matches  # slow to import, and most people write what there is

    known = _fields(model, above)
    worded = [name for name in known if unknown in name.split("_")]
    return worded[:2] or get_close_matches(unknown.lower(), known, n=1)


def _fields(model: type[BaseModel], above: Sequence[str | int]) -> list[str]:
    """The names of the fields of the object at the path `above`; none where that is not a model's."""
    annotations = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    if not above:
        return list(annotations)
    first, *rest = above
    return next((_fields(nested, rest) for nested in _models(annotations.get(str(first)))), [])


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that an annotation such as `Annotated[Model | None, ...]` names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
