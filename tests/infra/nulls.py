"""Finds what CloudFormation takes nowhere in a template."""

from collections.abc import Iterator


def nulls(document: object, path: str = "") -> Iterator[str]:
    """The paths of all nulls."""
    if document is None:
        yield path
    elif isinstance(document, dict):
        for name, part in document.items():
            yield from nulls(part, f"{path}/{name}")
    elif isinstance(document, list):
        for number, part in enumerate(document):
            yield from nulls(part, f"{path}/{number}")
