"""The JSON Schemas of the documents, from their types and the `Field` of each.

Pydantic makes none of these: before Python 3.12 it takes no `TypedDict` of the standard library.
"""

from collections.abc import Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from jobhook.documents import kinds
from jobhook.documents.annotations import Field

Schema = dict[str, object]

_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_WORDS: Mapping[object, tuple[str, str]] = {
    kinds.Status: ("Status", "An execution's status; all but `pending` and `running` are final."),
    kinds.Trigger: ("Trigger", "What started an execution: its schedule, or a person's run or retry."),
    kinds.Event: ("Event", "An end that is reported: a final status, or the first success after another end."),
    kinds.Format: ("Format", "How a notification is written: Jobhook's document, or for Slack's incoming webhooks."),
    kinds.Delivery: ("Delivery", "A notification's status; all but `pending` are final."),
    kinds.Action: ("Action", "The kind of a change."),
    kinds.Dimension: ("Dimension", "What executions can be counted by, in the order of the answer."),
    kinds.RuleState: ("RuleState", "The state of a schedule's rule: it is being created, active, or being deleted."),
    kinds.FireState: ("FireState", "The state of a fire: its executions are being started, all started, or missed."),
}
"""The words that are shared schemas, each with its name and description."""


def reference(name: str) -> Schema:
    """A reference to a shared schema."""
    return {"$ref": f"#/components/schemas/{name}"}


class DocumentSchemas:
    """Makes schemas of documents. `shared` collects those that a document or another schema refers to, by name.

    A document takes no fields but its own unless it is `open`.
    """

    def __init__(self) -> None:
        self.shared: dict[str, Schema] = {}

    def add(self, document: type, *, is_open: bool = False) -> Schema:
        """A reference to the document's schema, which is shared from now on."""
        name = document.__name__
        if name not in self.shared:
            self.shared[name] = {}  # a document that holds itself would not end otherwise
            self.shared[name].update(self._object(document, is_open))
        return reference(name)

    def _object(self, document: type, is_open: bool) -> Schema:
        hints = get_type_hints(document, include_extras=True)
        required: frozenset[str] = getattr(document, "__required_keys__")  # noqa: B009 - not declared for a `type`
        return {
            "type": "object",
            "title": document.__name__,
            "description": " ".join((document.__doc__ or "").split()),
            "properties": {name: self._schema(hint) for name, hint in hints.items()},
            "required": [name for name in hints if name in required],
            **({} if is_open else {"additionalProperties": False}),
        }

    def _schema(self, hint: Any) -> Schema:
        if hint in _JSON_TYPES:
            return {"type": _JSON_TYPES[hint]}
        if is_typeddict(hint):
            return self.add(hint)
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Required, NotRequired):
            return self._schema(arguments[0])
        if origin is Annotated:
            inner, *fields = arguments
            return self._schema(inner) | {name: value for field in fields for name, value in _keywords(field).items()}
        if origin is Literal:
            return self._words(hint)
        if origin in (Union, UnionType):
            return {"anyOf": [self._schema(variant) for variant in arguments]}
        if origin is list:
            return {"type": "array", "items": self._schema(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": True}
        raise TypeError(f"{hint} has no JSON Schema here")

    def _words(self, hint: Any) -> Schema:
        values = list(get_args(hint))
        if len(values) == 1:
            return {"type": _JSON_TYPES[type(values[0])], "const": values[0]}
        schema: Schema = {"type": "string", "enum": values}
        if hint not in _WORDS:
            return schema
        name, description = _WORDS[hint]
        self.shared[name] = {"title": name, "description": description, **schema}
        return reference(name)


def _keywords(field: Field) -> Schema:
    keywords: Schema = {
        "description": field.description or None,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "maxLength": field.max_length,
        "pattern": field.pattern,
        "format": field.format,
        "default": [] if field.default == () else field.default,  # a list would make the type unhashable
        "examples": None if field.example is None else [field.example],
    }
    return {name: value for name, value in keywords.items() if value is not None}
