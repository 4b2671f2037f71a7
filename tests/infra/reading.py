"""Reads a template as plain documents."""

from typing import cast

from infra.template.assemble import template
from infra.template.intrinsics import Json
from infra.template.names import Names

NAMES = Names("prod")


def the_template() -> Json:
    """What is merged into Chalice's."""
    return template(NAMES)


def resources(kind: str | None = None) -> dict[str, Json]:
    """The resources of a kind, or all, by logical id."""
    found = cast(dict[str, Json], the_template()["Resources"])
    return {name: one for name, one in found.items() if kind is None or one.get("Type") == kind}


def properties(logical_id: str) -> Json:
    """The properties of a resource."""
    return cast(Json, resources()[logical_id]["Properties"])


def part(document: Json, *path: str) -> Json:
    """What lies under these names."""
    for name in path:
        document = cast(Json, document[name])
    return document


def items(document: Json, name: str) -> list[Json]:
    """A list of documents."""
    return cast(list[Json], document[name])
