"""The schemas that requests and answers share, from their pydantic models."""

from collections.abc import Iterable

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from jobhook.api.bodies.actions import NoBody, PauseBody, RunBody, TestBody
from jobhook.api.bodies.callback import CallbackBody
from jobhook.api.bodies.job import JobBody
from jobhook.api.openapi.examples import examples
from jobhook.api.openapi.faults import EndedError, Error
from jobhook.api.openapi.operation import Operation

Schema = dict[str, object]

_BODIES = (JobBody, RunBody, TestBody, PauseBody, NoBody, CallbackBody)
_NULL = {"type": "null"}


class _Untitled(GenerateJsonSchema):
    """Titles of fields would only repeat their names."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - whatever the schema
        return False


def component(name: str) -> Schema:
    """A reference to a shared schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def component_schemas(operations: Iterable[Operation]) -> dict[str, Schema]:
    """All shared schemas by name, each that is a whole request or answer with an example."""
    answers = {model for operation in operations for success in operation.answers.values() for model in success.models}
    models: list[type[BaseModel]] = [*_BODIES, *sorted(answers, key=lambda model: model.__name__), Error, EndedError]
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in models]
    _, generated = models_json_schema(inputs, ref_template="#/components/schemas/{model}", schema_generator=_Untitled)
    schemas: dict[str, Schema] = generated["$defs"]
    schemas["JobPatch"] = _patch_of(schemas["JobBody"])
    for name, example in examples().items():
        schemas[name]["examples"] = [example]
    return dict(sorted(schemas.items()))


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
