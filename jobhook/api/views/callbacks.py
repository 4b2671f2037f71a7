"""The route of callbacks: its URL is the credential, so no signature is asked for."""

from chalice.app import Blueprint, Request, Response

from jobhook.api import wiring
from jobhook.api.rendering import resources as views
from jobhook.api.requests import media_type, raw_body
from jobhook.api.responses import answer
from jobhook.api.routes import route


def blueprint() -> Blueprint:
    """A new blueprint each time: Chalice empties one as it registers it."""
    callbacks = Blueprint(__name__)
    route(callbacks, "POST", "/callback/{guid}/{token}", post_callback, signed=False)
    return callbacks


def post_callback(request: Request, guid: str, token: str) -> Response:
    """The service says success, fail, or that it is still at work."""
    from jobhook.use_cases.record_callback import record_callback  # validates, so imports pydantic

    execution = wiring.perform(record_callback, guid, token, media_type(request), raw_body(request))
    return answer(views.callback_document(execution))
