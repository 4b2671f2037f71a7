"""`jobhook execution`: the history of runs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from jobhook.cli.executions.actions import cancel, retry
from jobhook.cli.executions.statuses import status_text
from jobhook.cli.executions.watch import watch
from jobhook.cli.jobs.notify import notification_text
from jobhook.cli.output.examples import examples
from jobhook.cli.output.instants import instant
from jobhook.cli.output.listing import Listing, first, page_size
from jobhook.cli.output.options import DEFAULT_LIMIT, AnyJob, AnyService, ExecutionId, Limit
from jobhook.cli.output.printing import duration, moment, print_fields, print_json, print_table, remark
from jobhook.cli.output.suggestions import say_no_jobs
from jobhook.cli.settings.connection import Api, connected
from jobhook.documents.kinds import Status

if TYPE_CHECKING:
    from jobhook.documents.executions import AnyExecution, Attempt, Execution, ExecutionSummary

app = typer.Typer(
    help="Look at executions, the runs of jobs; end or repeat them.", no_args_is_help=True, rich_markup_mode=None
)

_EMPTY = "No executions were found. `jobhook job list` shows the jobs, and `jobhook job upcoming` when they run."

StatusOption = Annotated[
    Status | None,
    typer.Option("--status", metavar="STATUS", help=f"Only those with this status: {', '.join(get_args(Status))}."),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", callback=instant, help="Due at or after: RFC 3339, epoch ms, or 30m, 2h, 7d ago."),
]
Until = Annotated[
    str | None, typer.Option(metavar="TIME", callback=instant, help="Due at or before; written as --since is.")
]


@app.command(
    "list",
    epilog=examples(
        "jobhook execution list --status failed --since 24h",
        "jobhook execution list reports",
        "jobhook execution list reports nightly --limit 100 --json",
    ),
)
@connected
def list_executions(
    api: Api,
    service: AnyService = None,
    job: AnyJob = None,
    status: StatusOption = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List executions, newest first: of a job, of a service, or of all."""
    found = api.client.list_executions(
        service, job, status=status, since=since, until=until, page_size=page_size(limit)
    )
    listed = first(found, limit)
    show_executions(api, listed)
    if service is not None and not listed.items and not api.as_json:
        say_no_jobs(api.client, service)


@app.command("get", epilog=examples("jobhook execution get ID", "jobhook execution get ID --json"))
@connected
def get_execution(api: Api, execution_id: ExecutionId) -> None:
    """Show all that is known of an execution, every delivery of its webhook included."""
    found = api.client.get_execution(execution_id)
    if api.as_json:
        print_json(found)
        return
    print_fields(_fields(found))
    rows = (
        (str(attempt["n"]), moment(attempt["at_ms"]), _answer(attempt), duration(attempt["duration_ms"]))
        for attempt in found["attempts"]
    )
    typer.echo()
    print_table(("ATTEMPT", "SENT (UTC)", "ANSWER", "AFTER"), rows, empty="No webhook was sent.")


app.command(
    "watch",
    epilog=examples(
        "jobhook execution watch", "jobhook execution watch --service reports", "jobhook execution watch ID"
    ),
)(watch)
app.command("cancel", epilog=examples("jobhook execution cancel ID"))(cancel)
app.command("retry", epilog=examples("jobhook execution retry ID", "jobhook execution retry ID --watch"))(retry)


def show_executions(api: Api, executions: "Listing[ExecutionSummary]") -> None:
    """Print a listing."""
    if api.as_json:
        print_json(executions.items)
    else:
        print_executions(executions.items)
        executions.say_more()


def print_executions(executions: "Iterable[AnyExecution]") -> None:
    """Print a listing for people."""
    columns = ("SCHEDULED (UTC)", "JOB", "STATUS", "REASON", "TOOK", "SAID", "ID")
    print_table(columns, map(_row, executions), empty=_EMPTY)


def _row(execution: "AnyExecution") -> tuple[str | None, ...]:
    return (
        moment(execution["scheduled_time_ms"]),
        f"{execution['service_name']}/{execution['job_name']}",
        status_text(execution),
        execution["reason"],
        duration(execution["duration_ms"]),
        remark(execution["error"] or execution["summary"]),
        execution["id"],
    )


def _fields(execution: "Execution") -> list[tuple[str, str | None]]:
    progress = execution["progress"]
    return [
        ("execution", execution["id"]),
        ("job", f"{execution['service_name']}/{execution['job_name']}"),
        ("status", status_text(execution)),
        ("started by", None if execution["trigger"] == "schedule" else f"hand ({execution['trigger']})"),
        ("retry of", execution["retry_of"]),
        ("retried by", execution["retried_by"]),
        ("reason", execution["reason"]),
        ("error", execution["error"]),
        ("summary", execution["summary"]),
        ("progress", None if progress is None else f"{progress}%"),
        ("schedule", execution["schedule"]),
        ("scheduled (UTC)", moment(execution["scheduled_time_ms"])),
        ("invoked (UTC)", moment(execution["service_invoked_at_ms"])),
        ("waits until (UTC)", moment(execution["expires_at_ms"])),
        ("ended (UTC)", moment(execution["ended_at_ms"])),
        ("took", duration(execution["duration_ms"])),
        ("notification", notification_text(execution["notification"]) if execution["notification"] else None),
        ("correlation id", execution["correlation_id"]),
        ("payload", execution["payload"]),
        ("state", execution["state"]),
    ]


def _answer(attempt: "Attempt") -> str | None:
    status, error = attempt["http_status"], attempt["error"]
    return error if status is None else f"HTTP {status}" + (f" ({error})" if error else "")
