"""The parts of an operation's description that neither its route nor its view has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobhook.api.errors import Fault
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
    """An operation that follows on this answer: its view, and where to find its path's parameters."""

    view: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Success:
    """An answer of a 2xx: one of the documents; without any, an object, or (`content` false) nothing."""

    description: str
    documents: tuple[type, ...] = ()
    etag: bool = False
    links: tuple[Link, ...] = ()
    content: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """The parameters, body and answers of a view, apart from those of every view."""

    answers: Mapping[int, Success]
    faults: tuple[Fault, ...] = ()
    body: Body | None = None
    parameters: tuple[Parameter, ...] = field(default=())
    description: str = ""
