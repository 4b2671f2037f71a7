"""A request as the views read it: plain values, whichever server has taken it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from jobhook.api.errors import MalformedRequest
from jobhook.core.jobs.preconditions import ANY, Precondition

UNKNOWN = "unknown"
"""The caller of a request for which no gateway names one."""

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
_DOTS = (".", "..")


@dataclass(frozen=True, slots=True)
class Target:
    """A request target in parts: the path's segments, and the values of each query parameter, decoded."""

    segments: tuple[str, ...]
    query: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one view.

    `names` are the parts of the path that the route names. `headers` finds a header by its name in lower case.
    `caller` is who has signed the request. `base_url` is the address of the API as the request came in, without a
    trailing slash; empty where the backend's settings say it.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    caller: str = UNKNOWN
    base_url: str = ""

    @property
    def job_names(self) -> tuple[str, str]:
        """Service and job, of a route that names both."""
        return self.names["service"], self.names["job"]

    @property
    def media_type(self) -> str:
        """The declared type of the body; empty where none is declared."""
        return self.headers.get("content-type", "")

    @property
    def precondition(self) -> Precondition:
        """What If-Match and If-None-Match say.

        The latter compares weakly: `W/` makes no difference (RFC 9110, 13.1.2).
        """
        unlike = tuple(tag.removeprefix("W/") for tag in self._tags("if-none-match"))
        return Precondition(self._tags("if-match"), absent=ANY in unlike, unlike=unlike)

    def _tags(self, header: str) -> tuple[str, ...]:
        listed = self.headers.get(header, "")
        return tuple(tag.strip() for tag in listed.split(",") if tag.strip())


def parse_target(target: str) -> Target:
    """The parts of a request target as it was sent: `/segment/segment?name=value`. `/` has no segments.

    Raises MalformedRequest for any other form. One path has one spelling, so that what decides about a request
    (its route, its signature, its limits) cannot disagree about the path.
    """
    path, _, query = target.partition("?")
    root, *segments = path.split("/")
    if root or not segments:
        raise MalformedRequest("the request target must be a path that begins with /")
    if segments == [""]:
        segments = []
    check_segments(segments)
    return Target(tuple(segments), parse_qs(query, keep_blank_values=True))


def check_segments(segments: Sequence[str]) -> None:
    """Raises MalformedRequest unless each segment of a path is made of unreserved characters (RFC 3986, 2.3)."""
    if not all(_SEGMENT.fullmatch(segment) and segment not in _DOTS for segment in segments):
        raise MalformedRequest(
            "a path is made of segments of letters, digits, `-`, `.`, `_` and `~`; write each as it is, none empty"
        )
