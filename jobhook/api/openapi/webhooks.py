"""The requests that Jobhook sends, as the description's `webhooks`: a receiver's types are generated from them."""

from jobhook.api.openapi.operation import JSON
from jobhook.api.openapi.schemas import DocumentSchemas, Schema, reference
from jobhook.documents.callbacks import CallbackAnswer
from jobhook.documents.errors import EndedError, Error
from jobhook.documents.webhooks import NotificationMessage, SlackMessage, Webhook

_WEBHOOK = """\
Sent to the job's `invocation_target` at each time of its schedule, for a manual run, a retry, and (with `test`) for a \
test call. The service acknowledges it with any 2xx within 10 s and calls back when the work is done. Later versions \
may add fields: ignore those that you do not know."""
_NOTIFICATION = """\
Sent to the `target` of the job's `notify` when an execution ends in one of the ways that `on` names: a \
`NotificationMessage`, or a `SlackMessage` where `format` is `slack`. Later versions may add fields: ignore those that \
you do not know."""
_RECEIVED: Schema = {
    "2XX": {"description": "It is acknowledged."},
    "429": {"description": "Try again later."},
    "5XX": {"description": "Try again later."},
    "default": {"description": "The receiver refuses it."},
}


def webhooks(schemas: DocumentSchemas) -> dict[str, Schema]:
    """The webhook of a run, with its callback, and the notification; their schemas are added to the shared ones."""
    webhook = schemas.add(Webhook, is_open=True)
    messages = [schemas.add(message, is_open=True) for message in (NotificationMessage, SlackMessage)]
    received = _request("receiveWebhook", "Do a job's work", _WEBHOOK, webhook)
    received["callbacks"] = {"callback": {"{$request.body#/callback_url}": {"post": _callback(schemas)}}}
    return {
        "webhook": {"post": received},
        "notification": {
            "post": _request("receiveNotification", "Take the report of an end", _NOTIFICATION, {"anyOf": messages})
        },
    }


def _request(operation_id: str, summary: str, description: str, schema: Schema) -> Schema:
    return {
        "operationId": operation_id,
        "summary": summary,
        "description": description,
        "tags": ["webhooks"],
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": _RECEIVED,
    }


def _callback(schemas: DocumentSchemas) -> Schema:
    """The operation `postCallback` as a receiver sees it."""
    answers = {
        "200": ("The callback is stored.", CallbackAnswer),
        "400": ("The body is not valid; the execution goes on waiting.", Error),
        "404": ("No execution takes callbacks at this URL.", Error),
        "410": ("The execution has ended: stop the work.", EndedError),
    }
    return {
        "summary": "Report success, failure or a heartbeat",
        "description": "The same as `postCallback`. The URL is the credential: no signature is needed.",
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": reference("CallbackBody")}}},
        "responses": {
            status: {"description": description, "content": {JSON: {"schema": schemas.add(document)}}}
            for status, (description, document) in answers.items()
        },
    }
