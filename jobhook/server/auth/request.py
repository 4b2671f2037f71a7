"""A request as it stood on the wire, which is what a signature covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class SignedRequest:
    """One request, nothing decoded.

    `path` and `query` are the two sides of the request target's first `?`, percent escapes untouched. `headers` are
    (name, value) pairs in wire order, names in any case, values as text (UTF-8). `body` is the whole body.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False, default=b"")

    @classmethod
    def of_target(
        cls, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes = b""
    ) -> "SignedRequest":
        """Build it from the raw request target, such as aiohttp's `request.raw_path`."""
        path, _, query = target.partition("?")
        return cls(method, path, query, tuple(headers), body)

    @cached_property
    def values(self) -> Mapping[str, list[str]]:
        """Every header's values in wire order, by lower-case name."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found
