"""The API as a whole: its routes, and its form for what Chalice itself answers. Lambda and one machine share it."""

from collections.abc import Callable

from chalice.app import Chalice, Request, Response

from jobhook.api.responses import in_contract_form
from jobhook.api.views import actions, callbacks, changes, description, executions, insight, jobs, schedules


def register(app: Chalice) -> None:
    """Give `app` all routes of the wire contract."""
    app.register_middleware(_in_contract_form, "http")
    for part in (jobs, schedules, actions, executions, changes, insight, callbacks):
        app.register_blueprint(part.blueprint())
    app.register_blueprint(description.blueprint(app))


def _in_contract_form(request: Request, get_response: Callable[[Request], Response]) -> Response:
    return in_contract_form(get_response(request))
