"""Reads the fields of one object of a definition, and refuses what is wrong, or left over, by name."""

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from jobhook.server.asl.errors import InvalidMachine, UnsupportedMachine
from jobhook.server.asl.paths import ROOT, BadPath, Path
from jobhook.server.asl.values import JSON

Compiled = TypeVar("Compiled")


class Definition:
    """One object of a definition. Every field is taken at most once; `finish` refuses those that nobody took."""

    def __init__(self, value: JSON, state: str | None = None, place: str = "") -> None:
        self.state = state
        self._place = place
        if not isinstance(value, Mapping):
            raise InvalidMachine(state, place or None, "must be an object")
        self._left = dict(value)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def invalid(self, name: str, why: str) -> NoReturn:
        """Refuse a field that breaks a rule of the language."""
        raise InvalidMachine(self.state, self._full(name), why)

    def unsupported(self, name: str, why: str) -> NoReturn:
        """Refuse a field that asks for what the engine does not have."""
        raise UnsupportedMachine(self.state, self._full(name), why)

    def take(self, name: str) -> JSON:
        """A field that must be there."""
        if name not in self._left:
            self.invalid(name, "is missing")
        return self._left.pop(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required where there is no default."""
        if name not in self._left and default is not None:
            return default
        value = self.take(name)
        if not isinstance(value, str):
            self.invalid(name, "must be a string")
        return value

    def whole(self, name: str, lowest: int, highest: int, default: int | None = None) -> int:
        """A whole number within bounds; required where there is no default."""
        if name not in self._left and default is not None:
            return default
        value = self.take(name)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            self.invalid(name, f"must be a whole number from {lowest} to {highest}")
        return value

    def path(self, name: str) -> Path:
        """A reference path that must be there."""
        return self.compiled(name, Path.parse, self.text(name))

    def data_path(self, name: str) -> Path | None:
        """An InputPath or OutputPath: `$` where it is not given, None where it is null."""
        if name not in self._left:
            return ROOT
        if self._left[name] is None:
            self._left.pop(name)
            return None
        return self.path(name)

    def result_path(self) -> tuple[str, ...] | None:
        """A ResultPath: `$` where it is not given, None where it is null; array positions are refused."""
        path = self.data_path("ResultPath")
        if path is None:
            return None
        names = tuple(key for key in path.keys if isinstance(key, str))
        if len(names) < len(path.keys):
            self.unsupported("ResultPath", "array positions are not supported")
        return names

    def compiled(self, name: str, compile_: Callable[[Compiled], "Result"], value: Compiled) -> "Result":
        """The value of a field compiled; what is outside the subset is refused by the field's name."""
        try:
            return compile_(value)
        except BadPath as error:
            self.unsupported(name, str(error))

    def inner(self, name: str) -> "Definition":
        """An object inside this one."""
        return Definition(self.take(name), self.state, self._full(name))

    def listed(self, name: str) -> list["Definition"]:
        """A list of objects inside this one; empty where it is not given."""
        values = self._left.pop(name, [])
        if not isinstance(values, list):
            self.invalid(name, "must be a list")
        return [Definition(value, self.state, f"{self._full(name)}[{index}]") for index, value in enumerate(values)]

    def finish(self) -> None:
        """Refuse the fields that nobody took."""
        for name in self._left:
            self.unsupported(name, "is not supported here")

    def _full(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name


Result = TypeVar("Result")
