"""The route table of the API, bound to Chalice, and the API's form for what Chalice itself answers."""

from collections.abc import Callable
from functools import wraps

from chalice.app import Chalice, IAMAuthorizer
from chalice.app import Request as Received
from chalice.app import Response as Sent

from chalicelib.sync_runner import run_to_end
from jobhook.api.errors import BAD_REQUEST, INTERNAL_ERROR, METHOD_NOT_ALLOWED, MalformedRequest
from jobhook.api.request import UNKNOWN, Request, check_segments
from jobhook.api.responses import JSON, Response, answer, error_answer, fault_answer
from jobhook.api.routes import ROUTES, Route
from jobhook.ports import Backend

MakeBackend = Callable[[], Backend]
"""The backend of this process; it is asked for at each request, and made at the first."""


def register(app: Chalice, backend: MakeBackend) -> None:
    """Give `app` all routes of the API.

    IAM admits the callers of signed routes. Chalice's own check of content types is off (an empty list), so that the
    415 of the bodies' parsers is the only one.
    """
    app.register_middleware(_in_contract_form, "http")
    for route in ROUTES:
        authorizer = IAMAuthorizer() if route.signed else None
        bind = app.route(route.path, methods=[route.method], authorizer=authorizer, content_types=[])
        bind(_bound(app, backend, route))


def _bound(app: Chalice, backend: MakeBackend, route: Route) -> Callable[..., Sent]:
    @wraps(route.view)
    def answer_request(**names: str) -> Sent:
        try:
            check_segments(list(names.values()))
        except MalformedRequest as error:
            return _sent(error_answer(error))
        received = app.current_request
        assert received is not None
        return _sent(run_to_end(route.answer(backend(), _request(received, names))))

    return answer_request


def _request(received: Received, names: dict[str, str]) -> Request:
    query = received.query_params
    body = received.raw_body
    return Request(
        names=names,
        query={} if query is None else {name: query.getlist(name) for name in query},
        headers=received.headers,
        body=body if isinstance(body, bytes) else body.encode("utf-8"),
        caller=str((received.context.get("identity") or {}).get("userArn") or UNKNOWN),
        base_url=_base_url(received),
    )


def _base_url(received: Received) -> str:
    """The API's own address, as API Gateway names it; not in the function's settings, where it would be a cycle."""
    context = received.context
    return f"https://{context.get('domainName', 'localhost')}/{context.get('stage', '')}".rstrip("/")


def _sent(response: Response) -> Sent:
    return Sent(response.body.decode(), dict(response.headers), response.status)


def _in_contract_form(request: Received, get_response: Callable[[Received], Sent]) -> Sent:
    """An answer that Chalice itself made, in the contract's form; one of ours as it is.

    Ours are declared as JSON or empty; Chalice declares none of its own so.
    """
    made = get_response(request)
    status = made.status_code
    if status == 204 or made.headers.get("Content-Type") == JSON:
        return made
    if status == METHOD_NOT_ALLOWED.status:
        return _sent(fault_answer(METHOD_NOT_ALLOWED, headers={"Allow": str(made.headers["Allow"])}))
    if status < INTERNAL_ERROR.status:
        message = "this request cannot be answered as it asks to be"
        return _sent(answer({"code": BAD_REQUEST.code, "message": message}, status))
    message = "something went wrong here; trying again may help"
    return _sent(answer({"code": INTERNAL_ERROR.code, "message": message}, status))
