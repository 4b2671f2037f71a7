"""The route of callbacks: its URL is the credential, so no signature is asked for."""

from jobhook.api.rendering import resources as views
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.core.executions.callbacks import Callback
from jobhook.ports import Backend


async def post_callback(backend: Backend, request: Request) -> Response:
    """The service says success, fail, or that it is still at work."""
    from jobhook.api.bodies.callback import parse_callback  # imports pydantic
    from jobhook.use_cases.record_callback import record_callback

    def parse() -> Callback:
        return parse_callback(request.media_type, request.body)

    execution = await record_callback(backend, request.names["guid"], request.names["token"], parse)
    return answer(views.callback_document(execution))
