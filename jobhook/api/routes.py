"""How a view stands behind a route: names decoded, errors answered, unsigned requests kept out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from urllib.parse import unquote

from chalice.app import Blueprint, Chalice, IAMAuthorizer, Response

from jobhook.api.responses import error_answer
from jobhook.core.errors import JobhookError


def route(blueprint: Blueprint, method: str, path: str, view: Callable[..., Response], *, signed: bool = True) -> None:
    """Register `view`; `signed` means that IAM admits the caller.

    Chalice's own check of content types is off (an empty list), so that the domain's 415 is the only one.
    """
    authorizer = IAMAuthorizer() if signed else None
    register = blueprint.route(path, methods=[method], authorizer=authorizer, content_types=[])
    register(_answering(blueprint, view))


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an app: `view` answers it, `signed` is whether IAM admits its callers."""

    method: str
    path: str
    view: Callable[..., Response]
    signed: bool


def routes(app: Chalice) -> Iterator[Route]:
    """All routes of an app."""
    for path, methods in app.routes.items():
        for method, entry in methods.items():
            yield Route(method, path, entry.view_function, entry.authorizer is not None)


def _answering(blueprint: Blueprint, view: Callable[..., Response]) -> Callable[..., Response]:
    @wraps(view)
    def answer_view(**names: str) -> Response:
        decoded = {name: _decoded(value) for name, value in names.items()}
        try:
            return view(blueprint.current_request, **decoded)
        except JobhookError as error:
            return error_answer(error)

    return answer_view


def _decoded(name: str) -> str:
    """A name of the path without its percent-encoding. Bytes that are no UTF-8 become `?`, which is in no name."""
    return unquote(name).encode("utf-8", "replace").decode()
