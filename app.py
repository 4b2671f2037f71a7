"""The Chalice app: the API and the Lambda functions, as AWS sees them. Decides nothing."""

from collections.abc import Callable

from chalice.app import Chalice

from chalicelib import events, invocations
from chalicelib.chalice_api import register
from chalicelib.process import aws_backend
from chalicelib.rule_repair import AwsPorts


def make_app(backend: Callable[[], AwsPorts]) -> Chalice:
    """The app on a backend."""
    app = Chalice(app_name="jobhook")
    app.register_middleware(invocations.named, "all")
    register(app, backend)

    @app.lambda_function()
    def dispatch(event: events.Event, _: object) -> None:
        """A schedule's rule has fired."""
        events.dispatch(backend(), event)

    @app.lambda_function()
    def start_page(event: events.Event, _: object) -> dict[str, object]:
        """The start queue has pages of a dispatch."""
        return events.start_pages(backend(), event)

    @app.lambda_function()
    def invoke(event: events.Event, _: object) -> None:
        """The state machine asks for an attempt."""
        events.invoke(backend(), event)

    @app.lambda_function()
    def record_failure(event: events.Event, _: object) -> None:
        """The state machine has ended a run."""
        events.record_failure(backend(), event)

    @app.lambda_function()
    def reconcile(event: events.Event, _: object) -> dict[str, object]:
        """It is time to close what no other path closed."""
        return events.reconcile(backend(), event)

    return app


app = make_app(aws_backend)

# Lambda finds each function by its name in this module.
dispatch = app.handler_map["dispatch"]
start_page = app.handler_map["start_page"]
invoke = app.handler_map["invoke"]
record_failure = app.handler_map["record_failure"]
reconcile = app.handler_map["reconcile"]
