"""`jobhook job put`, `patch` and `delete`."""

import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from jobhook.cli.connection import Api, connected
from jobhook.cli.exits import ExitCode
from jobhook.cli.failures import fail
from jobhook.cli.files import text_of
from jobhook.cli.instants import later
from jobhook.cli.job_view import name_of, show_job, show_plan
from jobhook.cli.options import JobName, Service
from jobhook.cli.output import print_json
from jobhook.client.documents import JobSettings
from jobhook.client.errors import Conflict

Schedule = Annotated[str | None, typer.Option(help="rate(...) or cron(...), as AWS writes them, in UTC.")]
Target = Annotated[str | None, typer.Option(metavar="URL", help="The URL that takes the webhook.")]
Ttl = Annotated[int | None, typer.Option(metavar="SECONDS", help="How long to wait for a sign of life.")]
Timeout = Annotated[int | None, typer.Option(metavar="SECONDS", help="How long the whole run may take.")]
Payload = Annotated[str | None, typer.Option(help="Sent with every webhook; @FILE takes a file's text.")]
Description = Annotated[str | None, typer.Option(help="What the job is for.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; give it once for each.")]
ExternalId = Annotated[str | None, typer.Option(metavar="ID", help="What the job is called elsewhere.")]
StartAt = Annotated[
    str | None, typer.Option(metavar="TIME", callback=later, help="No runs before: RFC 3339, epoch ms, or 2h from now.")
]
EndAt = Annotated[
    str | None, typer.Option(metavar="TIME", callback=later, help="No runs after; written as --start-at is.")
]
RetentionDays = Annotated[int | None, typer.Option(metavar="DAYS", help="How long its executions are kept.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show the job as it would be, and its next ten times.")]
IfVersion = Annotated[
    int | None, typer.Option(metavar="N", help="Only if the job is still at this version, as `job get` showed it.")
]


@connected
def put_job(
    api: Api,
    service: Service,
    job: JobName,
    schedule: Schedule = None,
    target: Target = None,
    ttl: Ttl = None,
    timeout: Timeout = None,
    payload: Payload = None,
    description: Description = None,
    tags: Tags = None,
    external_id: ExternalId = None,
    start_at: StartAt = None,
    end_at: EndAt = None,
    retention_days: RetentionDays = None,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="Refuse a run while an earlier one goes on.")] = False,
    disabled: Annotated[bool, typer.Option("--disabled", help="Keep the job without running it.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="A job's whole configuration as YAML or JSON; - reads standard input.")
    ] = None,
    dry_run: DryRun = False,
    if_version: IfVersion = None,
) -> None:
    """Create a job, or replace its whole configuration: what is left out gets its default."""
    given = {
        "schedule": schedule,
        "invocation_target": target,
        "ttl_seconds": ttl,
        "timeout_seconds": timeout,
        "payload": payload_of(payload),
        "description": description,
        "tags": tags or None,
        "external_id": external_id,
        "start_at": start_at,
        "end_at": end_at,
        "retention_days": retention_days,
        "exclusive": exclusive or None,
        "enabled": False if disabled else None,
    }
    settings = cast(JobSettings, _fields(file, given))
    tag = _tag(api, service, job, if_version)
    if dry_run:
        show_plan(api, api.client.plan_put_job(service, job, settings, if_match=tag))
    else:
        stored = api.client.put_job(service, job, settings, if_match=tag)
        show_job(api, stored, f"Stored {name_of(stored)} (version {stored['version']}).")


@connected
def patch_job(
    api: Api,
    service: Service,
    job: JobName,
    schedule: Schedule = None,
    target: Target = None,
    ttl: Ttl = None,
    timeout: Timeout = None,
    payload: Payload = None,
    description: Description = None,
    tags: Tags = None,
    external_id: ExternalId = None,
    start_at: StartAt = None,
    end_at: EndAt = None,
    retention_days: RetentionDays = None,
    exclusive: Annotated[
        bool | None, typer.Option("--exclusive/--not-exclusive", help="Whether a run is refused while one goes on.")
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help="Whether the job runs when it comes due.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Fields to change as YAML or JSON, null for a default; - reads standard input.")
    ] = None,
    dry_run: DryRun = False,
    if_version: IfVersion = None,
) -> None:
    """Change some of a job's configuration; what is left out stays as it is."""
    given = {
        "schedule": schedule,
        "invocation_target": target,
        "ttl_seconds": ttl,
        "timeout_seconds": timeout,
        "payload": payload_of(payload),
        "description": description,
        "tags": tags or None,
        "external_id": external_id,
        "start_at": start_at,
        "end_at": end_at,
        "retention_days": retention_days,
        "exclusive": exclusive,
        "enabled": enabled,
    }
    changes = _fields(file, given)
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


def payload_of(text: str | None) -> str | None:
    """The payload that an option says; `@FILE` is the file's text."""
    if text is None or not text.startswith("@"):
        return text
    return text_of(Path(text[1:]))


def _tag(api: Api, service: str, job: str, version: int | None) -> str | None:
    """The tag of that version: with it the server refuses the change if the job has changed. Raises Conflict."""
    if version is None:
        return None
    stored, etag = api.client.get_tagged_job(service, job)
    if stored["version"] != version:
        raise Conflict(412, "PreconditionFailed", f"the job is at version {stored['version']}, not {version}")
    return etag


def _fields(file: Path | None, given: dict[str, Any]) -> dict[str, Any]:
    """What the file says, and the options over it."""
    return (_fields_of(file) if file else {}) | {name: value for name, value in given.items() if value is not None}


def _fields_of(file: Path) -> dict[str, Any]:
    from jobhook.cli.yaml_text import YamlRefused, read_yaml

    try:
        documents = read_yaml(text_of(file))
    except YamlRefused as refused:
        fail(f"{file}: {refused}", ExitCode.USAGE)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        fail(f"{file} must hold one mapping: the fields of a job", ExitCode.USAGE)
    return documents[0]
