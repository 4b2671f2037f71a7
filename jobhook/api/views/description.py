"""The route of the API's own description."""

from jobhook.api.queries import no_query
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.ports import Backend


async def openapi(backend: Backend, request: Request) -> Response:
    """The API's description in OpenAPI 3.1."""
    from jobhook.api.openapi.document import openapi_document  # imports pydantic
    from jobhook.api.routes import ROUTES  # the table that this view is in

    no_query(request)
    return answer(openapi_document(ROUTES, backend.settings.base_url))
