"""What the description says of a view beyond what its route and its own words say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from jobhook.api.openapi.faults import Fault
from jobhook.api.openapi.parameters import Parameter

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: a component schema by name, and the media types that it may be declared as."""

    schema: str
    required: bool = True
    media_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Link:
    """Another operation that this answer leads to: its view, and where its path's parameters are found."""

    view: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Success:
    """An answer of a 2xx, as one of the models; without one it is any object, or (`content` false) nothing."""

    description: str
    models: tuple[type[BaseModel], ...] = ()
    etag: bool = False
    links: tuple[Link, ...] = ()
    content: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """All that a view takes and answers, beside what holds everywhere."""

    answers: Mapping[int, Success]
    faults: tuple[Fault, ...] = ()
    body: Body | None = None
    parameters: tuple[Parameter, ...] = field(default=())
    description: str = ""
