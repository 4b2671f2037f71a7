"""The OpenAPI document, made from the routes, so that none is missing, and from the descriptions of their views."""

import re
from collections.abc import Iterable, Mapping

from jobhook.api.errors import ANYWHERE, ENDED, SIGNATURE, Fault
from jobhook.api.openapi.components import component_schemas
from jobhook.api.openapi.operation import JSON, Body, Link, Operation, Success
from jobhook.api.openapi.operations import OPERATIONS
from jobhook.api.openapi.parameters import PATH, Parameter
from jobhook.api.openapi.schemas import DocumentSchemas, Schema, reference
from jobhook.api.openapi.webhooks import webhooks
from jobhook.api.routes import Route

_DESCRIPTION = """\
Recurring jobs as webhooks: a service PUTs a job, Jobhook sends its webhook at each time of its schedule, and the \
service calls back.

Bodies are JSON objects in UTF-8. Unknown fields and parameters are refused by name, and types are strict. Times come \
twice: RFC 3339 in UTC, and epoch milliseconds under the same name with `_ms`. A server on the loopback address of one \
machine needs no signatures unless it was started with `--auth sigv4`. `webhooks` has the requests that Jobhook \
sends."""
_VERSION = "1"
_SIGNED = "sigv4"
_TEXT = {"type": "string"}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds until the next try.", "schema": {"type": "integer"}}}


def openapi_document(routes: Iterable[Route], base_url: str) -> Schema:
    """The description of these routes. Raises KeyError for a view without an entry in `operations`."""
    described = sorted(routes, key=lambda route: (route.path, route.method))
    paths: dict[str, Schema] = {}
    for route in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, OPERATIONS[route.view.__name__])
    schemas = DocumentSchemas()
    sent = webhooks(schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jobhook", "version": _VERSION, "description": _DESCRIPTION},
        "servers": [{"url": base_url}],
        "security": [{_SIGNED: []}],
        "tags": [{"name": group} for group in sorted({"webhooks", *map(_group, described)})],
        "paths": paths,
        "webhooks": sent,
        "components": {
            "schemas": component_schemas(OPERATIONS.values(), schemas),
            "securitySchemes": {
                _SIGNED: {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AWS Signature Version 4 of the service `execute-api`.",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }
            },
        },
    }


def operation_id(view_name: str) -> str:
    """`put_job` is `putJob`."""
    first, *others = view_name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _group(route: Route) -> str:
    """The tag of a route: the module of its view."""
    return route.view.__module__.rpartition(".")[2]


def _operation(route: Route, operation: Operation) -> Schema:
    summary = (route.view.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
    named = [PATH[name] for name in re.findall(r"{(\w+)}", route.path)]
    parameters = [_parameter(one) for one in (*named, *operation.parameters)]
    faults = (*operation.faults, *(SIGNATURE if route.signed else ()), *ANYWHERE)
    return {
        "operationId": operation_id(route.view.__name__),
        "summary": summary,
        "description": operation.description or f"{summary}.",
        "tags": [_group(route)],
        **({} if route.signed else {"security": []}),
        **({"parameters": parameters} if parameters else {}),
        **({} if operation.body is None else {"requestBody": _request_body(operation.body)}),
        "responses": {
            **{str(status): _success(success) for status, success in operation.answers.items()},
            **_failures(faults),
        },
    }


def _parameter(parameter: Parameter) -> Schema:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
        **({} if parameter.example is None else {"example": parameter.example}),
    }


def _request_body(body: Body) -> Schema:
    content = {media_type: {"schema": reference(body.schema)} for media_type in body.media_types}
    return {"required": body.required, "content": content}


def _success(success: Success) -> Schema:
    described: Schema = {"description": success.description}
    documents = [reference(document.__name__) for document in success.documents]
    if success.content:
        schema = documents[0] if len(documents) == 1 else {"anyOf": documents} if documents else {"type": "object"}
        described["content"] = {JSON: {"schema": schema}}
    if success.etag:
        always = len(documents) == 1  # the answer to a dry run has none
        described["headers"] = {
            "ETag": {"description": "The job's tag, for `If-Match`.", "required": always, "schema": _TEXT}
        }
    if success.links:
        described["links"] = {operation_id(link.view): _link(link) for link in success.links}
    return described


def _link(link: Link) -> Schema:
    return {"operationId": operation_id(link.view), "parameters": dict(link.parameters)}


def _failures(faults: Iterable[Fault]) -> Mapping[str, Schema]:
    by_status: dict[int, list[Fault]] = {}
    for fault in faults:
        by_status.setdefault(fault.status, []).append(fault)
    return {str(status): _failure(status, by_status[status]) for status in sorted(by_status)}


def _failure(status: int, faults: list[Fault]) -> Schema:
    form = "EndedError" if status == ENDED.status else "Error"
    return {
        "description": "\n".join(f"- `{fault.code}`: {fault.meaning}" for fault in faults),
        "content": {JSON: {"schema": reference(form)}},
        "x-codes": sorted({fault.code for fault in faults}),
        **({"headers": _RETRY_AFTER} if status == 503 else {}),
    }
