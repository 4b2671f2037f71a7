"""`jobhook job upcoming`: what is going to run."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.jobs import next_times as coming
from jobhook.cli.jobs.view import occurrence_time
from jobhook.cli.output.instants import later
from jobhook.cli.output.listing import first, page_size
from jobhook.cli.output.options import DEFAULT_LIMIT, AnyJob, AnyService, Limit
from jobhook.cli.output.printing import duration, print_json, print_table
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.schedules import Occurrence

_EMPTY = "Nothing is going to run: no job is enabled, not paused, and has times to come. `jobhook job list` shows them."


@connected
def upcoming(
    api: Api,
    service: AnyService = None,
    job: AnyJob = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", callback=later, help="Not after: 30m, 2h, 7d from now, RFC 3339 or epoch ms."),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List what is going to run, the earliest first: of a job, or of all."""
    if service is not None and job is None:
        raise typer.BadParameter("give the job too, or no service to see what all jobs are going to do")
    found = api.client.list_upcoming(service, job, until=until, page_size=page_size(limit))
    occurrences = first(found, limit)
    if api.as_json:
        print_json(occurrences.items)
        return
    print_table(("SCHEDULED (UTC)", "IN", "JOB", "SCHEDULE"), map(_row, occurrences.items), empty=_EMPTY)
    if until is not None:  # else there is no end, as everybody knows
        occurrences.say_more()


def _row(occurrence: "Occurrence") -> tuple[str | None, ...]:
    return (
        occurrence_time(occurrence),
        duration(max(0, occurrence["scheduled_time_ms"] - coming.now_ms())),
        f"{occurrence['service_name']}/{occurrence['job_name']}",
        occurrence["schedule"],
    )
