"""Reference paths: `$`, `$.a.b` and `$.a[0]`, compiled once, read often."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jobhook.server.asl.errors import StateError
from jobhook.server.asl.values import JSON

_PATH = re.compile(r"\$(?:\.[A-Za-z_]\w*|\[\d+\])*", re.ASCII)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]", re.ASCII)


class BadPath(ValueError):
    """The text is no path of the supported kind."""


@dataclass(frozen=True, slots=True)
class Path:
    """A reference path; `keys` holds the names and array positions to follow, none for `$`."""

    text: str
    keys: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> "Path":
        """Compile a path; `BadPath` for filters, wildcards, quoted names, intrinsic functions and anything else."""
        if not _PATH.fullmatch(text):
            raise BadPath(f"{text!r} is not one of the supported paths: $, $.name, $.name[0]")
        return cls(text, tuple(name or int(index) for name, index in _STEP.findall(text)))

    def read(self, data: JSON, error: str) -> JSON:
        """The value that the path selects in `data`; where there is none, a `StateError` of the given name."""
        try:
            for key in self.keys:
                data = _member(data, key)
        except (KeyError, IndexError):
            raise StateError(error, f"The path {self.text} selects nothing in the state's data") from None
        return data


ROOT = Path("$", ())


def _member(data: JSON, key: str | int) -> JSON:
    if isinstance(key, str) and isinstance(data, Mapping):
        return data[key]
    if isinstance(key, int) and isinstance(data, list):
        member: JSON = data[key]
        return member
    raise KeyError(key)


def put(data: JSON, keys: tuple[str, ...], value: JSON, error: str) -> JSON:
    """`data` with `value` at the keys, whose missing objects are made; a `StateError` where something else is there."""
    if not keys:
        return value
    if not isinstance(data, Mapping):
        raise StateError(error, f"The result cannot be put at '{keys[0]}': the state's input is no object there")
    return {**data, keys[0]: put(data.get(keys[0], {}), keys[1:], value, error)}
