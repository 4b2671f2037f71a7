"""`jobhook export`: the jobs as a file that `jobhook apply` takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from jobhook.cli.output.failures import fail
from jobhook.cli.output.printing import print_json
from jobhook.cli.output.suggestions import say_no_jobs
from jobhook.cli.settings.connection import Api, connected
from jobhook.documents.settings import DEFAULTS, NOTIFY_DEFAULTS, default_timeout_seconds


@connected
def export(
    api: Api,
    services: Annotated[
        list[str] | None, typer.Argument(metavar="SERVICE", help="Only these services; otherwise all.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
) -> None:
    """Print jobs as YAML that `jobhook apply` takes; fields with their default are left out."""
    names = services or [service["service_name"] for service in api.client.list_services()]
    found = {
        name: {job["job_name"]: _fields(api, name, job["job_name"]) for job in api.client.list_jobs(name)}
        for name in names
    }
    for name in (name for name, jobs in found.items() if not jobs):
        say_no_jobs(api.client, name)
    if api.as_json:
        print_json([{"service": name, "jobs": jobs} for name, jobs in found.items()])
        return
    from jobhook.cli.files.job_file import write_job_file

    text = write_job_file(found)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}")
    typer.echo(f"Wrote {sum(map(len, found.values()))} jobs to {output}.")


def _fields(api: Api, service: str, job: str) -> dict[str, Any]:
    return writable_fields(api.client.get_job(service, job))


def writable_fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a PUT that stores the same job: its fields without those that have their default."""
    required = {"invocation_target": None, "ttl_seconds": None}
    timeout = {"timeout_seconds": default_timeout_seconds(stored["ttl_seconds"])}
    defaults: dict[str, Any] = {**required, **DEFAULTS, **timeout}
    several = len(stored.get("schedules") or ()) > 1
    del defaults["schedule" if several else "schedules"]
    first = ("schedules" if several else "schedule", "invocation_target", "ttl_seconds")
    names = [*first, *(name for name in defaults if name not in first)]
    fields = {name: stored[name] for name in names if name in stored and stored[name] != defaults[name]}
    if "notify" in fields:
        fields["notify"] = {
            name: value for name, value in fields["notify"].items() if value != NOTIFY_DEFAULTS.get(name)
        }
    return fields
