"""What users write, as documents type it, is what the API's bodies take, field by field."""

from typing import Any

import pytest
from pydantic import BaseModel

from jobhook.api.bodies.callback import CallbackBody
from jobhook.api.bodies.job import JobBody, NotifyBody
from jobhook.api.openapi.components import body_schemas
from jobhook.api.openapi.schemas import DocumentSchemas
from jobhook.documents.callbacks import Callback
from jobhook.documents.settings import JobSettings, NotifySettings

PAIRS = [(JobSettings, JobBody), (NotifySettings, NotifyBody), (Callback, CallbackBody)]


def json_types(schema: dict[str, Any]) -> frozenset[Any]:
    """The types and words that a schema takes, whatever else it asks of them."""
    if "anyOf" in schema:
        return frozenset().union(*map(json_types, schema["anyOf"]))
    if "$ref" in schema:
        return frozenset({"words" if schema["$ref"].endswith(("Event", "Format")) else "object"})
    if "enum" in schema and set(schema["enum"]) <= {"json", "slack"}:
        return frozenset({"words"})
    if schema.get("type") == "array":
        return frozenset({("array", "string")})
    return frozenset(schema.get("enum", [schema.get("type")]))


@pytest.mark.parametrize(("document", "body"), PAIRS)
def test_a_document_has_the_fields_of_its_body(document: type, body: type[BaseModel]) -> None:
    schemas = DocumentSchemas()
    schemas.add(document)
    ours: dict[str, Any] = schemas.shared[document.__name__]
    theirs: dict[str, Any] = body_schemas()[body.__name__]
    assert ours["properties"].keys() == theirs["properties"].keys()
    assert set(ours["required"]) == set(theirs.get("required", ()))
    for name, field in theirs["properties"].items():
        assert json_types(ours["properties"][name]) == json_types(field), name
