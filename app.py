"""The Chalice app: the API and the Lambda functions, as AWS sees them. Decides nothing."""

from chalice.app import Chalice

from chalicelib import events, invocations
from chalicelib.chalice_api import register

app = Chalice(app_name="jobhook")
app.register_middleware(invocations.named, "all")
register(app)


@app.lambda_function()
def dispatch(event: events.Event, _: object) -> None:
    """A schedule's rule has fired."""
    events.dispatch(event)


@app.lambda_function()
def start_page(event: events.Event, _: object) -> dict[str, object]:
    """The start queue has pages of a dispatch."""
    return events.start_pages(event)


@app.lambda_function()
def invoke(event: events.Event, _: object) -> None:
    """The state machine asks for an attempt."""
    events.invoke(event)


@app.lambda_function()
def record_failure(event: events.Event, _: object) -> None:
    """The state machine has ended a run."""
    events.record_failure(event)


@app.lambda_function()
def reconcile(event: events.Event, _: object) -> dict[str, object]:
    """It is time to close what no other path closed."""
    return events.reconcile(event)
