"""`jobhook job put`, `patch` and `delete`."""

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from jobhook.cli.jobs.fields import Fields, over_a_file, with_fields
from jobhook.cli.jobs.view import name_of, show_job, show_plan
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.options import JobName, Service
from jobhook.cli.output.printing import print_json
from jobhook.cli.settings.connection import Api, connected
from jobhook.client.errors import Conflict
from jobhook.documents.settings import JobSettings

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show the job as it would be, and its next ten times.")]
IfVersion = Annotated[
    int | None, typer.Option(metavar="N", help="Only if the job is still at this version, as `job get` showed it.")
]


@connected
@with_fields
def put_job(
    api: Api,
    service: Service,
    job: JobName,
    fields: Fields,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="Refuse a run while an earlier one goes on.")] = False,
    disabled: Annotated[bool, typer.Option("--disabled", help="Keep the job without running it.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="A job's whole configuration as YAML or JSON; - reads standard input.")
    ] = None,
    dry_run: DryRun = False,
    if_version: IfVersion = None,
) -> None:
    """Create a job, or replace its whole configuration: what is left out gets its default."""
    flags: Fields = ({"exclusive": True} if exclusive else {}) | ({"enabled": False} if disabled else {})
    settings = cast(JobSettings, over_a_file(file, fields | flags))
    tag = _tag(api, service, job, if_version)
    if dry_run:
        show_plan(api, api.client.plan_put_job(service, job, settings, if_match=tag))
    else:
        stored = api.client.put_job(service, job, settings, if_match=tag)
        show_job(api, stored, f"Stored {name_of(stored)} (version {stored['version']}).")


@connected
@with_fields
def patch_job(
    api: Api,
    service: Service,
    job: JobName,
    fields: Fields,
    exclusive: Annotated[
        bool | None, typer.Option("--exclusive/--not-exclusive", help="Whether a run is refused while one goes on.")
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Whether the job runs when it comes due.")
    ] = None,
    no_notify: Annotated[bool, typer.Option("--no-notify", help="Tell nobody of its ends any more.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="Fields to change as YAML or JSON, null for a default; - reads standard input.")
    ] = None,
    dry_run: DryRun = False,
    if_version: IfVersion = None,
) -> None:
    """Change some of a job's configuration; what is left out stays as it is."""
    flags = {name: flag for name, flag in (("exclusive", exclusive), ("enabled", enabled)) if flag is not None}
    if no_notify:
        if "notify" in fields:
            raise typer.BadParameter("give it, or what to notify of; not both", param_hint="'--no-notify'")
        fields = {**fields, "notify": None}
    changes = over_a_file(file, _whatever_the_job_has(fields) | flags)
    if not changes:
        fail(
            "Say what to change, such as --ttl 600 or --disabled; `jobhook job patch --help` lists it.", ExitCode.USAGE
        )
    tag = _tag(api, service, job, if_version)
    if dry_run:
        show_plan(api, api.client.plan_patch_job(service, job, changes, if_match=tag))
    else:
        stored = api.client.patch_job(service, job, changes, if_match=tag)
        show_job(api, stored, f"Changed {name_of(stored)} (version {stored['version']}).")


@connected
def delete_job(
    api: Api,
    service: Service,
    job: JobName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    if_version: IfVersion = None,
) -> None:
    """Remove a job. A run that is under way goes on and ends normally."""
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Remove {service}/{job}?", abort=True)
    api.client.delete_job(service, job, if_match=_tag(api, service, job, if_version))
    if api.as_json:
        print_json({"deleted": {"service_name": service, "job_name": job}})
    else:
        typer.echo(f"Removed {service}/{job}.")


def _whatever_the_job_has(fields: Fields) -> Fields:
    """A patch that names one schedule is refused where the job has several; `schedules` takes the place of either."""
    if "schedule" not in fields:
        return fields
    others = {name: value for name, value in fields.items() if name != "schedule"}
    return others | {"schedules": [fields["schedule"]]}


def _tag(api: Api, service: str, job: str, version: int | None) -> str | None:
    """The tag of that version: with it the server refuses the change if the job has changed. Raises Conflict."""
    if version is None:
        return None
    stored, etag = api.client.get_tagged_job(service, job)
    if stored["version"] != version:
        raise Conflict(412, "PreconditionFailed", f"the job is at version {stored['version']}, not {version}")
    return etag
