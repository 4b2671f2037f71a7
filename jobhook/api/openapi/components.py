"""The schemas that requests and answers share: of requests from their pydantic models, of answers from documents."""

from collections.abc import Iterable

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from jobhook.api.bodies.actions import NoBody, PauseBody, RunBody, TestBody
from jobhook.api.bodies.callback import CallbackBody
from jobhook.api.bodies.job import JobBody
from jobhook.api.openapi.examples import examples
from jobhook.api.openapi.operation import Operation
from jobhook.api.openapi.schemas import DocumentSchemas, Schema
from jobhook.documents.errors import EndedError, Error

_BODIES = (JobBody, RunBody, TestBody, PauseBody, NoBody, CallbackBody)
_NULL = {"type": "null"}


class _Untitled(GenerateJsonSchema):
    """Titles of fields would only repeat their names."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - of every schema
        return False


def component_schemas(operations: Iterable[Operation], documents: DocumentSchemas) -> dict[str, Schema]:
    """All shared schemas by name: what `documents` has, the bodies and the answers, with an example of each."""
    for document in (Error, EndedError, *(one for operation in operations for one in _answers(operation))):
        documents.add(document)
    schemas = body_schemas()
    assert not schemas.keys() & documents.shared.keys(), "a body and a document share a name"
    schemas |= documents.shared
    for name, example in examples().items():
        schemas[name]["examples"] = [example]
    return dict(sorted(schemas.items()))


def _answers(operation: Operation) -> Iterable[type]:
    return (document for success in operation.answers.values() for document in success.documents)


def body_schemas() -> dict[str, Schema]:
    """The schemas of requests' bodies, by name."""
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in _BODIES]
    _, generated = models_json_schema(inputs, ref_template="#/components/schemas/{model}", schema_generator=_Untitled)
    schemas: dict[str, Schema] = generated["$defs"]
    return schemas | {"JobPatch": _patch_of(schemas["JobBody"])}


def _patch_of(body: Schema) -> Schema:
    """A merge patch: nothing is required, and null sets back what has a default."""
    properties, required = body["properties"], body["required"]
    assert isinstance(properties, dict)
    assert isinstance(required, list)
    return {
        "type": "object",
        "title": "JobPatch",
        "description": "The body of PATCH /services/{service}/jobs/{job}.",
        "additionalProperties": False,
        "properties": {
            name: _without_default(schema) if name in required else _or_null(_without_default(schema))
            for name, schema in properties.items()
        },
    }


def _without_default(schema: Schema) -> Schema:
    return {name: value for name, value in schema.items() if name != "default"}


def _or_null(schema: Schema) -> Schema:
    variants = schema.get("anyOf")
    if isinstance(variants, list) and _NULL in variants:
        return schema
    inner = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [inner, _NULL]} | ({"description": schema["description"]} if "description" in schema else {})
