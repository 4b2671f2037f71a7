"""The route of the API's own description."""

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib import wiring
from chalicelib.handlers.answers import answer
from chalicelib.handlers.queries import no_query
from chalicelib.handlers.routes import route, routes


def blueprint(app: Chalice) -> Blueprint:
    """A new blueprint each time, as the others; it describes all routes that `app` has when it is asked."""
    description = Blueprint(__name__)

    def openapi(request: Request) -> Response:
        """The API's description in OpenAPI 3.1."""
        from chalicelib.openapi.document import openapi_document  # imports pydantic

        no_query(request)
        return answer(openapi_document(routes(app), wiring.settings().base_url))

    route(description, "GET", "/openapi.json", openapi)
    return description
