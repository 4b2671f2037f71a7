"""`jobhook job why`: why a job did or did not run."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.executions.commands import print_executions
from jobhook.cli.jobs import next_times as coming
from jobhook.cli.jobs.view import pause_text
from jobhook.cli.output.instants import instant
from jobhook.cli.output.options import JobName, Service
from jobhook.cli.output.printing import Cell, moment, print_fields, print_json
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.insight import Why


@connected
def why(
    api: Api,
    service: Service,
    job: JobName,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", callback=instant, help="When: RFC 3339, epoch ms, or 30m, 2h, 7d ago; else now."),
    ] = None,
) -> None:
    """Say why a job did or did not run in the minute of a time, or what it is going to do then."""
    explained = api.client.why(service, job, coming.now_ms() if at is None else at)
    if api.as_json:
        print_json(explained)
        return
    print_fields(_fields(explained))
    if explained["executions"]:
        typer.echo()
        print_executions(explained["executions"])


def _fields(explained: "Why") -> list[tuple[str, Cell]]:
    return [
        ("job", f"{explained['service_name']}/{explained['job_name']}"),
        ("at (UTC)", moment(explained["at_ms"])),
        ("verdict", explained["verdict"]),
        ("why", explained["message"]),
        ("schedule", explained["schedule"]),
        ("due (UTC)", moment(explained["due_ms"])),
        ("in effect from (UTC)", moment(explained["effective_from_ms"])),
        ("enabled", None if explained["enabled"] else "no"),
        ("paused", pause_text(explained["pause"]) if explained["pause"] else None),
    ]
