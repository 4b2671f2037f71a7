"""What the query parameters of each route ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobhook.api.parameters import (
    Parameters,
    Parser,
    day_ms,
    dimensions,
    job_names,
    page_limit,
    status_word,
    true_or_false,
)
from jobhook.api.request import Request
from jobhook.core.errors import NotFound, Problem
from jobhook.core.executions.stats import DEFAULT_DAYS, MAX_DAYS, Dimension, StatsRequest, first_of_day
from jobhook.core.identities import NAME_RULE, ExecutionKey, is_name
from jobhook.core.paging import DEFAULT_LIMIT, Between, ExecutionFilter, Position, decode_cursor
from jobhook.core.times import DAY_MS, parse_instant


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

    parameters = Parameters(request)
    page = _page(parameters, cursor)
    parameters.finish()
    return page


def executions_query(request: Request, guid: str | None = None) -> ExecutionQuery:
    """Of a listing of executions, those of the job `guid` where one is given."""

    def cursor(text: str) -> Position:
        position = decode_cursor(text, (int, str))
        key = ExecutionKey.parse(str(position[1]))
        mine = key is not None and key.scheduled_time_ms == position[0] and guid in (None, key.guid)
        return _checked(position, mine)

    parameters = Parameters(request)
    page = _page(parameters, cursor)
    status = parameters.take("status", status_word)
    span = _span(parameters)
    parameters.finish()
    return ExecutionQuery(page, ExecutionFilter(status, span.since_ms, span.until_ms))


def changes_query(request: Request, guid: str | None = None) -> ChangesQuery:
    """Of a listing of changes, those of the job `guid` where one is given."""

    def cursor(text: str) -> Position:
        position = decode_cursor(text, (int, str))
        change_id = str(position[1])
        return _checked(position, change_id.isascii() and change_id.isprintable() and (guid or "") in change_id)

    parameters = Parameters(request)
    page = _page(parameters, cursor)
    span = _span(parameters)
    parameters.finish()
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

    parameters = Parameters(request)
    page = _page(parameters, cursor)
    until_ms = parameters.take("until", parse_instant)
    parameters.finish()
    return UpcomingQuery(page, until_ms)


def schedules_query(request: Request) -> PageQuery:
    """Of the listing of schedules, whose positions are expressions."""
    parameters = Parameters(request)
    page = _page(parameters, lambda text: decode_cursor(text, (str,)))
    parameters.finish()
    return page


def why_query(request: Request) -> tuple[str, str, int]:
    """Service, job and instant of a question; both parameters are required."""
    parameters = Parameters(request)
    names = parameters.require("job", job_names)
    at_ms = parameters.require("at", parse_instant)
    parameters.finish()
    assert names is not None
    assert at_ms is not None
    return (*names, at_ms)


def health_query(request: Request) -> int | None:
    """Since when executions are counted, where that is said."""
    parameters = Parameters(request)
    since_ms = parameters.take("since", parse_instant)
    parameters.finish()
    return since_ms


def stats_query(request: Request, now_ms: int) -> StatsRequest:
    """Which counts; the last days up to today, by status, unless more is said."""
    parameters = Parameters(request)
    by = parameters.take("by", dimensions)
    until_ms = parameters.take("until", day_ms)
    last_ms = first_of_day(now_ms) if until_ms is None else until_ms
    since_ms = parameters.take("since", day_ms)
    first_ms = max(0, last_ms - (DEFAULT_DAYS - 1) * DAY_MS) if since_ms is None else since_ms
    if first_ms > last_ms:
        parameters.problems.append(Problem("until", "must not lie before since"))
    elif last_ms - first_ms >= MAX_DAYS * DAY_MS:
        parameters.problems.append(Problem("since", f"must begin at most {MAX_DAYS} days, until's included"))
    service_name = parameters.take("service", str)
    parameters.finish()
    return StatsRequest(by or (Dimension.STATUS,), first_ms, last_ms + DAY_MS - 1, service_name)


def dry_run_query(request: Request) -> bool:
    """Whether a change is only to be shown."""
    parameters = Parameters(request)
    dry_run = parameters.take("dry_run", true_or_false)
    parameters.finish()
    return dry_run is True


def check_service_name(service_name: str) -> None:
    """Raises NotFound for what no service can be called; a name that none has yet has empty listings."""
    if not is_name(service_name):
        raise NotFound(f"no service can have this name: it {NAME_RULE}")


def no_query(request: Request) -> None:
    """Of a route that takes no parameters: a `dry_run` of a DELETE, say, must not be carried out as if it were none."""
    Parameters(request).finish()


def _page(parameters: Parameters, cursor: Parser[Position]) -> PageQuery:
    limit = parameters.take("limit", page_limit)
    return PageQuery(parameters.take("cursor", cursor), DEFAULT_LIMIT if limit is None else limit)


def _span(parameters: Parameters) -> Between:
    since_ms = parameters.take("since", parse_instant)
    until_ms = parameters.take("until", parse_instant)
    if since_ms is not None and until_ms is not None and since_ms > until_ms:
        parameters.problems.append(Problem("until", "must not lie before since"))
    return Between(since_ms, until_ms)


def _checked(position: Position, mine: bool) -> Position:
    if not mine:
        raise ValueError("is not a cursor of this listing; use next_cursor as it was given, or leave it out")
    return position
