"""YAML as jobs are written in it: no name twice, and dates are texts like any other."""

from collections.abc import Hashable
from typing import Any

import yaml

_BOOLEAN = "tag:yaml.org,2002:bool"


class YamlRefused(Exception):
    """The text is not YAML, or says something twice; the message has the line."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but stricter."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[object] = set()
    for key, _ in node.value:
        if key.tag == _BOOLEAN:  # YAML takes `on:` for true; no field is named by a truth
            key.tag = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG
        name = loader.construct_object(key, deep=True)
        if isinstance(name, Hashable) and name in seen:
            raise yaml.MarkedYAMLError(None, None, f"{name!r} is there twice", key.start_mark)
        seen.add(name)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> list[Any]:
    """The documents of the text, without empty ones. Raises YamlRefused."""
    try:
        return [document for document in yaml.load_all(text, _Loader) if document is not None]
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise YamlRefused(_sentence(error)) from error


def write_yaml(document: object) -> str:
    """The document as YAML, in its own order, with texts of several lines as blocks."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, with readable texts."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the same for all
        """Write everything out."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    # PyYAML takes U+0085 and its like for line breaks, and loses them unless they are escaped.
    odd = not all(character.isprintable() or character == "\n" for character in text)
    style = '"' if odd else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _sentence(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {_in_plain_words(error.problem or '')}"
    return " ".join(str(error).split()) or type(error).__name__


def _in_plain_words(problem: str) -> str:
    """PyYAML tells of two frequent mistakes in words of its own machinery."""
    if problem.startswith("expected <block end>"):
        return "is not indented as the lines that it belongs to"
    if problem.startswith(r"found character '\t'"):
        return "begins with a tab; YAML is indented with spaces"
    return problem
