"""Errors as the command line says them: what happened, what to do next, and an exit code."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from jobhook.cli.output.escape import plain
from jobhook.cli.output.exits import ExitCode
from jobhook.client.errors import (
    ApiError,
    Conflict,
    Denied,
    JobhookError,
    NoCredentials,
    NotFound,
    Problem,
    Unavailable,
    Unreachable,
    UrlRefused,
)

_CODES: tuple[tuple[type[JobhookError], ExitCode], ...] = (
    (NotFound, ExitCode.NOT_FOUND),
    (Unreachable, ExitCode.UNREACHABLE),
    (Unavailable, ExitCode.UNREACHABLE),
    (Denied, ExitCode.DENIED),
    (NoCredentials, ExitCode.DENIED),
    (UrlRefused, ExitCode.USAGE),
)

_NEXT: tuple[tuple[type[JobhookError], str], ...] = (
    (Unreachable, "Start a server with `jobhook serve`, or name another with --url, JOBHOOK_URL or `jobhook config`."),
    (Unavailable, "Try again in a few seconds; nothing was half done."),
    (Conflict, "It has changed in between: look at it again, as `jobhook job get` shows it now, and then try again."),
    (
        NoCredentials,
        "Set AWS_PROFILE or --aws-profile (for a one-machine server, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with "
        "a key of `jobhook credentials add`), or send requests unsigned with --no-sign.",
    ),
)

_NEXT_BY_CODE = {
    "JobNotFound": "`jobhook job list` shows the jobs that there are.",
    "ExecutionNotFound": "`jobhook execution list` shows the executions and their ids.",
    "ExecutionEnded": "`jobhook execution get ID` shows how it ended.",
    "NotRetryable": "`jobhook execution get ID` shows how it ended, and whether it was retried already.",
    "NotFound": "Is this the URL of Jobhook, and is the server of this version?",
    "NotJobhook": "`jobhook config show` says which URL is used, and why.",
    "MissingAuthenticationToken": "This server takes signed requests only: add --sign, with a key from "
    "`jobhook credentials add` in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or with --aws-profile.",
    "InvalidSignature": "The key id or its secret is wrong for this server; `jobhook credentials list` shows its keys.",
    "RequestExpired": "This machine's clock and the server's are too far apart.",
    "TargetNotAllowed": "Which private networks webhooks may reach is set by `jobhook serve --target-networks` (on "
    "AWS, AllowedTargetNetworks); link-local addresses and metadata services are never reached.",
    "InternalError": "This is a fault of Jobhook's; the server's log says more.",
}


@contextmanager
def failures(*, as_json: bool) -> Iterator[None]:
    """Say what the client raises, and leave with its exit code."""
    try:
        yield
    except JobhookError as error:
        typer.echo(_as_json(error) if as_json else "\n".join(_lines(error)), err=True)
        raise typer.Exit(exit_code(error)) from error


def exit_code(error: JobhookError) -> ExitCode:
    """The exit code that an error stands for."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.FAILED)


def fail(message: str, code: ExitCode = ExitCode.FAILED) -> NoReturn:
    """Say why it does not go on, and leave."""
    typer.echo(plain(message, lines=True), err=True)
    raise typer.Exit(code)


def _lines(error: JobhookError) -> Iterator[str]:
    if isinstance(error, ApiError) and error.problems:
        yield f"Refused ({plain(error.code)}):"
        yield from (f"  {plain(problem.field)}: {plain(problem.message)}" for problem in error.problems)
    else:
        yield plain(error.message if isinstance(error, ApiError) else str(error))
    yield from getattr(error, "__notes__", ())
    advice = _advice(error)
    if advice is not None:
        yield advice


def _advice(error: JobhookError) -> str | None:
    if isinstance(error, ApiError) and error.code in _NEXT_BY_CODE:
        return _NEXT_BY_CODE[error.code]
    if isinstance(error, ApiError) and any(_is_of_a_schedule(problem) for problem in error.problems):
        return "`jobhook schedule explain 'EXPRESSION'` says what a schedule means, or what is wrong with it."
    if isinstance(error, ApiError) and any(problem.field.startswith("notify.") for problem in error.problems):
        return "`jobhook job put --help` says what --notify, --notify-on and --notify-format take."
    if isinstance(error, ApiError) and any(_is_missing(problem) for problem in error.problems):
        return "`jobhook job put --help` has an example with all that a job needs."
    if isinstance(error, ApiError) and error.code == f"Http{error.status}":
        return _NEXT_BY_CODE["NotJobhook"]
    return next((advice for kind, advice in _NEXT if isinstance(error, kind)), None)


def _is_of_a_schedule(problem: Problem) -> bool:
    return problem.field.partition(".")[0] in ("schedule", "schedules") and not _is_missing(problem)


def _is_missing(problem: Problem) -> bool:
    return problem.message == "is required"


def _as_json(error: JobhookError) -> str:
    if not isinstance(error, ApiError):
        return json.dumps({"code": type(error).__name__, "message": str(error)})
    problems = [{"field": problem.field, "message": problem.message} for problem in error.problems]
    return json.dumps({"code": error.code, "message": error.message, "status": error.status, "errors": problems})
