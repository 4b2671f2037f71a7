"""Holds every answer that a test gets against the API's description."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from jobhook.api.openapi.document import openapi_document
from jobhook.api.routes import ROUTES

JSON = "application/json"


@cache
def description() -> dict[str, Any]:
    """The document of all routes."""
    return openapi_document(ROUTES, "https://jobs.example.com/api")


def assert_described(method: str, target: str, status: int, headers: Mapping[str, str], body: str) -> None:
    """Fails where the description says nothing of such an answer, or something else.

    What no operation answers has its own form: 404 beside all paths, 405 for a path's other methods.
    """
    template = path_template(target.partition("?")[0])
    operation = None if template is None else description()["paths"][template].get(method.lower())
    if operation is None:
        assert status in (400, 403, 404, 405, 413), (method, target, status)
        _check(body, _form("Error"))
        return
    said = operation["responses"].get(str(status))
    assert said is not None, f"{operation['operationId']} is not said to answer {status}: {body[:300]}"
    sent = {name.lower() for name in headers}
    for name, header in said.get("headers", {}).items():
        assert name.lower() in sent or not header.get("required"), f"{operation['operationId']} {status} without {name}"
    if "content" not in said:
        assert body == ""
        return
    assert headers["Content-Type"] == JSON
    document = _check(body, said["content"][JSON]["schema"])
    if status >= 400:
        assert document["code"] in said["x-codes"], f"{operation['operationId']} {status}: {document['code']}"


def path_template(path: str) -> str | None:
    """The described path that `path` is one of; the one with the fewest names in it."""
    found = [template for template in description()["paths"] if re.fullmatch(_pattern(template), path)]
    return min(found, key=lambda template: template.count("{"), default=None)


@cache
def _pattern(template: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))


def _form(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _check(body: str, schema: dict[str, Any]) -> Any:
    document = json.loads(body)
    validator = _validator(json.dumps(schema))
    error = next(validator.iter_errors(document), None)
    assert error is None, f"{error.json_path}: {error.message[:500]}"
    return document


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": description()["components"]})
