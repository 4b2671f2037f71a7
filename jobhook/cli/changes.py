"""`jobhook job changes`: who did what to a job."""

import json
from itertools import islice
from typing import TYPE_CHECKING

from jobhook.cli.connection import Api, connected
from jobhook.cli.execution import Since, Until
from jobhook.cli.options import DEFAULT_LIMIT, JobName, Limit, Service
from jobhook.cli.output import Cell, moment, print_json, print_table

if TYPE_CHECKING:
    from jobhook.client.insight_documents import Change


@connected
def changes(
    api: Api,
    service: Service,
    job: JobName,
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List who changed, paused, ran, cancelled or deleted what of a job, and when; newest first."""
    found = api.client.list_changes(service, job, since=since, until=until, page_size=min(limit, 200))
    listed = list(islice(found, limit))
    if api.as_json:
        print_json(listed)
    else:
        columns = ("AT (UTC)", "BY", "ACTION", "VERSION", "DETAILS")
        print_table(columns, map(_row, listed), empty="Nothing was done to this job in that time.")


def _row(change: "Change") -> tuple[Cell, ...]:
    version, details = change["version"], change["details"]
    shown = details if isinstance(details, str) else json.dumps(details, ensure_ascii=False) if details else None
    return moment(change["at_ms"]), change["by"], change["action"], None if version is None else str(version), shown
