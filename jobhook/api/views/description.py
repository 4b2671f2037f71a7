"""The route of the API's own description."""

from chalice.app import Blueprint, Chalice, Request, Response

from jobhook.api import wiring
from jobhook.api.queries import no_query
from jobhook.api.responses import answer
from jobhook.api.routes import route, routes


def blueprint(app: Chalice) -> Blueprint:
    """A new blueprint each time, as the others; it describes all routes that `app` has when it is asked."""
    description = Blueprint(__name__)

    def openapi(request: Request) -> Response:
        """The API's description in OpenAPI 3.1."""
        from jobhook.api.openapi.document import openapi_document  # imports pydantic

        no_query(request)
        return answer(openapi_document(routes(app), wiring.settings().base_url))

    route(description, "GET", "/openapi.json", openapi)
    return description
