"""`jobhook job changes`: who did what to a job, or to any."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import typer

from jobhook.cli.executions.commands import Since, Until
from jobhook.cli.jobs.notify import change_text
from jobhook.cli.output.listing import first, page_size
from jobhook.cli.output.options import DEFAULT_LIMIT, AnyJob, AnyService, Limit
from jobhook.cli.output.printing import Cell, moment, print_json, print_table, remark
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.insight import Change

_COLUMNS = ("AT (UTC)", "BY", "JOB", "ACTION", "VERSION", "DETAILS")


@connected
def changes(
    api: Api,
    service: AnyService = None,
    job: AnyJob = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List who changed, paused, ran, cancelled or deleted what, and when, newest first: of a job, or of all."""
    if service is not None and job is None:
        raise typer.BadParameter("give the job too, or no service to see what was done to all jobs")
    found = api.client.list_changes(service, job, since=since, until=until, page_size=page_size(limit))
    listed = first(found, limit)
    if api.as_json:
        print_json(listed.items)
    else:
        print_table(_COLUMNS, map(_row, listed.items), empty="Nothing was done in that time.")
        listed.say_more()


def _row(change: "Change") -> tuple[Cell, ...]:
    version = change["version"]
    return (
        moment(change["at_ms"]),
        change["by"],
        f"{change['service_name']}/{change['job_name']}",
        change["action"],
        None if version is None else str(version),
        "; ".join(_details(change)),
    )


def _details(change: "Change") -> Iterator[str]:
    """What was changed how, why and until when it was paused, and of which execution it is told."""
    details = change["details"]
    for one in details.get("changed", ()):
        yield _difference(one)
    if "reason" in details:
        until_ms = details.get("until_ms")
        yield f"{'until it is resumed' if until_ms is None else f'until {moment(until_ms)}'}: {details['reason']}"
    if "retry_of" in details:
        yield f"again what {details['retry_of']} was"
    if change["execution_id"] is not None:
        yield change["execution_id"]


def _difference(one: Mapping[str, Any]) -> str:
    if "new" not in one:
        return str(one["field"])
    if one["field"] == "notify":
        return f"notify: {change_text(one['old'], one['new'])}"
    return f"{one['field']}: {_value(one['old'])} -> {_value(one['new'])}"


def _value(value: object) -> str:
    return remark(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) or '""'
