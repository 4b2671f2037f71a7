"""`jobhook health`: how Jobhook is doing."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.instants import instant
from jobhook.cli.output.printing import Cell, moment, print_fields, print_json
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.executions import BriefExecution
    from jobhook.documents.insight import Health


@connected
def health(
    api: Api,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", callback=instant, help="Count what ran since then: RFC 3339, epoch ms, or 2h ago."
        ),
    ] = None,
) -> None:
    """Say how Jobhook is doing: what waits, what is late, and whether anything ran lately.

    The exit code is 0 if it is well, 1 if something is late that should have been closed, 4 if it does not answer.
    """
    found = api.client.health(since=since)
    if api.as_json:
        print_json(found)
    else:
        print_fields(_fields(found))
    if found["status"] != "ok":
        raise typer.Exit(ExitCode.FAILED)


def _fields(found: "Health") -> list[tuple[str, Cell]]:
    most, ran, newest = found["counted_to"], found["ran"], found["newest_execution"]

    def count(number: int) -> str:
        return f"{number} or more" if number >= most else str(number)

    return [
        ("status", found["status"]),
        (f"due since {moment(ran['since_ms'])} UTC", count(ran["executions"])),
        ("newest execution", _brief(newest) if newest else "none yet"),
        ("wait for their webhook", count(found["waiting"]["pending"])),
        ("wait for their service", count(found["waiting"]["running"])),
        ("hold a lock", count(len(found["locks"]))),
        (
            "overdue schedules",
            _lines(f"{one['schedule']} of {moment(one['due_ms'])}" for one in found["overdue_schedules"]),
        ),
        ("overdue executions", _lines(map(_brief, found["overdue_executions"]))),
        (
            "open fires",
            _lines(f"{one['schedule']} of {moment(one['scheduled_time_ms'])}" for one in found["open_fires"]),
        ),
    ]


def _brief(execution: "BriefExecution") -> str:
    job = f"{execution['service_name']}/{execution['job_name']}"
    return f"{moment(execution['scheduled_time_ms'])} {job} {execution['status']} {execution['id']}"


def _lines(found: Iterable[str]) -> Cell:
    return "\n".join(found) or None
