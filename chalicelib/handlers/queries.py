"""The query parameters of listings, read strictly: every problem is listed at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalice.app import Request

from chalicelib.domain.errors import InvalidDocument, NotFound, Problem
from chalicelib.domain.execution import Status
from chalicelib.domain.names import NAME_RULE, ExecutionKey, is_name
from chalicelib.domain.paging import DEFAULT_LIMIT, MAX_LIMIT, Between, ExecutionFilter, Position, decode_cursor
from chalicelib.domain.stats import DEFAULT_DAYS, MAX_DAYS, Dimension, StatsRequest, first_of_day
from chalicelib.domain.times import DAY_MS, parse_instant

Value = TypeVar("Value")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Parser = Callable[[str], Value]


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a listing is asked for."""

    after: Position | None
    limit: int


@dataclass(frozen=True, slots=True)
class ExecutionQuery:
    """Which page of which executions is asked for."""

    page: PageQuery
    only: ExecutionFilter


@dataclass(frozen=True, slots=True)
class ChangesQuery:
    """Which page of which changes is asked for."""

    page: PageQuery
    span: Between


@dataclass(frozen=True, slots=True)
class UpcomingQuery:
    """Which page of what is to come is asked for, and up to when."""

    page: PageQuery
    until_ms: int | None


def names_query(request: Request, names: int, service_name: str | None = None) -> PageQuery:
    """Of a listing whose positions are that many names, the first of them `service_name` where one is given."""

    def cursor(text: str) -> Position:
        position = decode_cursor(text, (str,) * names)
        mine = service_name is None or position[0] == service_name
        return _checked(position, mine and all(is_name(str(name)) for name in position))

    reader = _Reader(request)
    page = _page(reader, cursor)
    reader.finish()
    return page


def executions_query(request: Request, guid: str | None = None) -> ExecutionQuery:
    """Of a listing of executions, those of the job `guid` where one is given."""

    def cursor(text: str) -> Position:
        position = decode_cursor(text, (int, str))
        key = ExecutionKey.parse(str(position[1]))
        mine = key is not None and key.scheduled_time_ms == position[0] and guid in (None, key.guid)
        return _checked(position, mine)

    reader = _Reader(request)
    page = _page(reader, cursor)
    status = reader.take("status", _status)
    span = _span(reader)
    reader.finish()
    return ExecutionQuery(page, ExecutionFilter(status, span.since_ms, span.until_ms))


def changes_query(request: Request, guid: str | None = None) -> ChangesQuery:
    """Of a listing of changes, those of the job `guid` where one is given."""

    def cursor(text: str) -> Position:
        position = decode_cursor(text, (int, str))
        change_id = str(position[1])
        return _checked(position, change_id.isascii() and change_id.isprintable() and (guid or "") in change_id)

    reader = _Reader(request)
    page = _page(reader, cursor)
    span = _span(reader)
    reader.finish()
    return ChangesQuery(page, span)


def upcoming_query(request: Request, shapes: Sequence[tuple[type[str] | type[int], ...]]) -> UpcomingQuery:
    """Of a listing of what is to come, whose positions have one of these shapes."""

    def cursor(text: str) -> Position:
        for shape in shapes[:-1]:
            try:
                return plain(decode_cursor(text, shape))
            except ValueError:
                continue
        return plain(decode_cursor(text, shapes[-1]))

    def plain(position: Position) -> Position:
        """Expressions and guids are ASCII; what is not was never given out, and no store has to read it."""
        return _checked(position, all(str(part).isascii() and str(part).isprintable() for part in position))

    reader = _Reader(request)
    page = _page(reader, cursor)
    until_ms = reader.take("until", parse_instant)
    reader.finish()
    return UpcomingQuery(page, until_ms)


def schedules_query(request: Request) -> PageQuery:
    """Of the listing of schedules, whose positions are expressions."""
    reader = _Reader(request)
    page = _page(reader, lambda text: decode_cursor(text, (str,)))
    reader.finish()
    return page


def why_query(request: Request) -> tuple[str, str, int]:
    """Service, job and instant of a question; both parameters are required."""
    reader = _Reader(request)
    names = reader.require("job", _job)
    at_ms = reader.require("at", parse_instant)
    reader.finish()
    assert names is not None
    assert at_ms is not None
    return (*names, at_ms)


def health_query(request: Request) -> int | None:
    """Since when executions are counted, where that is said."""
    reader = _Reader(request)
    since_ms = reader.take("since", parse_instant)
    reader.finish()
    return since_ms


def stats_query(request: Request, now_ms: int) -> StatsRequest:
    """Which counts; the last days up to today, by status, unless more is said."""
    reader = _Reader(request)
    by = reader.take("by", _dimensions)
    until_ms = reader.take("until", _day_ms)
    last_ms = first_of_day(now_ms) if until_ms is None else until_ms
    since_ms = reader.take("since", _day_ms)
    first_ms = max(0, last_ms - (DEFAULT_DAYS - 1) * DAY_MS) if since_ms is None else since_ms
    if first_ms > last_ms:
        reader.problems.append(Problem("until", "must not lie before since"))
    elif last_ms - first_ms >= MAX_DAYS * DAY_MS:
        reader.problems.append(Problem("since", f"must begin at most {MAX_DAYS} days, until's included"))
    service_name = reader.take("service", str)
    reader.finish()
    return StatsRequest(by or (Dimension.STATUS,), first_ms, last_ms + DAY_MS - 1, service_name)


def dry_run_query(request: Request) -> bool:
    """Whether a change is only to be shown."""
    reader = _Reader(request)
    dry_run = reader.take("dry_run", _truth)
    reader.finish()
    return dry_run is True


def check_service_name(service_name: str) -> None:
    """Raises NotFound for what no service can be called; a name that none has yet has empty listings."""
    if not is_name(service_name):
        raise NotFound(f"no service can have this name: it {NAME_RULE}")


def no_query(request: Request) -> None:
    """Of a route that takes no parameters: a `dry_run` of a DELETE, say, must not be carried out as if it were none."""
    _Reader(request).finish()


class _Reader:
    """Takes parameters one by one, collecting what is wrong with them."""

    def __init__(self, request: Request) -> None:
        parameters = request.query_params
        self._values: Mapping[str, Sequence[str]] = (
            {} if parameters is None else {name: parameters.getlist(name) for name in parameters}
        )
        self._known: set[str] = set()
        self.problems: list[Problem] = []

    def take(self, name: str, parse: Parser[Value]) -> Value | None:
        """The value of a parameter that may be given once; None where it is not, or is wrong."""
        self._known.add(name)
        values = self._values.get(name, ())
        if not values:
            return None
        if len(values) > 1:
            self.problems.append(Problem(name, "may be given only once"))
            return None
        try:
            return parse(values[0])
        except ValueError as error:
            self.problems.append(Problem(name, str(error)))
            return None

    def require(self, name: str, parse: Parser[Value]) -> Value | None:
        """As `take`; that it is not given is a problem too."""
        if not self._values.get(name):
            self._known.add(name)
            self.problems.append(Problem(name, "is required"))
            return None
        return self.take(name, parse)

    def finish(self) -> None:
        """Raises InvalidDocument if anything was wrong, or was given that nobody took."""
        unknown = [
            Problem(name, "is not a known parameter; leave it out or correct its name")
            for name in self._values
            if name not in self._known
        ]
        if self.problems or unknown:
            raise InvalidDocument([*self.problems, *unknown], code="InvalidQuery")


def _page(reader: _Reader, cursor: Parser[Position]) -> PageQuery:
    limit = reader.take("limit", _limit)
    return PageQuery(reader.take("cursor", cursor), DEFAULT_LIMIT if limit is None else limit)


def _dimensions(text: str) -> tuple[Dimension, ...]:
    names = text.split(",")
    if not set(names) <= set(Dimension) or len(set(names)) < len(names):
        raise ValueError(f"must be some of {','.join(Dimension)}, with commas between them, each once")
    return tuple(Dimension(name) for name in names)


def _day_ms(text: str) -> int:
    """The beginning of the UTC day that is named, or in which the instant lies."""
    return first_of_day(parse_instant(f"{text}T00:00:00Z" if _DAY.fullmatch(text) else text))


def _span(reader: _Reader) -> Between:
    since_ms = reader.take("since", parse_instant)
    until_ms = reader.take("until", parse_instant)
    if since_ms is not None and until_ms is not None and since_ms > until_ms:
        reader.problems.append(Problem("until", "must not lie before since"))
    return Between(since_ms, until_ms)


def _job(text: str) -> tuple[str, str]:
    service_name, _, job_name = text.partition("/")
    if not is_name(service_name) or not is_name(job_name):
        raise ValueError("must be <service>/<job>, such as reports/nightly")
    return service_name, job_name


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _limit(text: str) -> int:
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise ValueError(f"must be a whole number from 1 to {MAX_LIMIT}")
    return limit


def _status(text: str) -> Status:
    try:
        return Status(text)
    except ValueError:
        raise ValueError(f"must be one of {', '.join(Status)}") from None


def _checked(position: Position, mine: bool) -> Position:
    if not mine:
        raise ValueError("is not a cursor of this listing; use next_cursor as it was given, or leave it out")
    return position
