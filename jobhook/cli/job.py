"""`jobhook job`: the jobs of services."""

import json
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from jobhook.cli import coming
from jobhook.cli.apply import apply
from jobhook.cli.connection import Api, connected
from jobhook.cli.examples import examples
from jobhook.cli.execution import DEFAULT_LIMIT, Limit, Since, StatusOption, Until, show_executions
from jobhook.cli.exits import ExitCode
from jobhook.cli.failures import fail
from jobhook.cli.files import text_of
from jobhook.cli.output import moment, print_fields, print_json, print_table

if TYPE_CHECKING:
    from jobhook.client.documents import Job, JobSettings, WholeJob

app = typer.Typer(help="Create, read, change and remove jobs.", no_args_is_help=True, rich_markup_mode=None)

Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service's name.")]
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The job's name.")]


@app.command("list", epilog=examples("jobhook job list", "jobhook job list reports --json"))
@connected
def list_jobs(
    api: Api,
    service: Annotated[str | None, typer.Argument(metavar="SERVICE", help="Only this service's jobs.")] = None,
) -> None:
    """List jobs by name, with the next time of each; rates count from a moment that only the server knows."""
    jobs = list(api.client.list_jobs(service))
    if api.as_json:
        print_json(jobs)
    else:
        columns = ("SERVICE", "JOB", "SCHEDULE", "NEXT (UTC)", "TARGET")
        empty = "There are no jobs yet; `jobhook job put --help` shows how to make one."
        print_table(columns, map(_row, jobs), empty=empty)


@app.command("get", epilog=examples("jobhook job get reports nightly"))
@connected
def get_job(api: Api, service: Service, job: JobName) -> None:
    """Show a job's configuration, what its schedule means, and when it comes due."""
    _show(api, api.client.get_job(service, job))


@app.command(
    "put",
    epilog=examples(
        "jobhook job put reports nightly --schedule 'cron(0 6 * * ? *)' --target http://localhost:9000/ --ttl 600",
        "jobhook job put reports nightly --file nightly.yaml",
    ),
)
@connected
def put_job(
    api: Api,
    service: Service,
    job: JobName,
    schedule: Annotated[str | None, typer.Option(help="rate(...) or cron(...), as AWS writes them, in UTC.")] = None,
    target: Annotated[str | None, typer.Option(metavar="URL", help="The URL that takes the webhook.")] = None,
    ttl: Annotated[int | None, typer.Option(metavar="SECONDS", help="How long to wait for a sign of life.")] = None,
    timeout: Annotated[int | None, typer.Option(metavar="SECONDS", help="How long the whole run may take.")] = None,
    payload: Annotated[str | None, typer.Option(help="Sent with every webhook; @FILE takes a file's text.")] = None,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="Refuse a run while an earlier one goes on.")] = False,
    disabled: Annotated[bool, typer.Option("--disabled", help="Keep the job without running it.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="A job's whole configuration as YAML or JSON; - reads standard input.")
    ] = None,
) -> None:
    """Create a job, or replace its whole configuration: what is left out gets its default."""
    given: dict[str, Any] = {
        "schedule": schedule,
        "invocation_target": target,
        "ttl_seconds": ttl,
        "timeout_seconds": timeout,
        "payload": _payload(payload),
        "exclusive": exclusive or None,
        "enabled": False if disabled else None,
    }
    settings = _settings_of(file) if file else {}
    settings |= {name: value for name, value in given.items() if value is not None}
    _show(api, api.client.put_job(service, job, cast("JobSettings", settings)), stored=True)


@app.command("delete", epilog=examples("jobhook job delete reports nightly --yes"))
@connected
def delete_job(
    api: Api,
    service: Service,
    job: JobName,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a job. A run that is under way goes on and ends normally."""
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Remove {service}/{job}?", abort=True)
    api.client.delete_job(service, job)
    if api.as_json:
        print_json({"deleted": {"service_name": service, "job_name": job}})
    else:
        typer.echo(f"Removed {service}/{job}.")


@app.command(
    "history",
    epilog=examples("jobhook job history reports nightly", "jobhook job history reports nightly --status failed"),
)
@connected
def history(
    api: Api,
    service: Service,
    job: JobName,
    status: StatusOption = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
) -> None:
    """List a job's executions, newest first."""
    found = api.client.list_executions(service, job, status=status, since=since, until=until, page_size=min(limit, 200))
    show_executions(api, list(islice(found, limit)))


app.command("apply", epilog=examples("jobhook job apply -f jobs.yaml --dry-run"))(apply)


def _row(job: "Job") -> tuple[str | None, ...]:
    times = coming.next_times(job["schedule"], coming.now_ms(), 1) if job["enabled"] else []
    following = moment(times[0]) if times else "" if job["enabled"] else "disabled"
    return job["service_name"], job["job_name"], job["schedule"], following, job["invocation_target"]


def _show(api: Api, job: "WholeJob", *, stored: bool = False) -> None:
    if api.as_json:
        print_json(job)
        return
    if stored:
        typer.echo(f"Stored {job['service_name']}/{job['job_name']} (version {job['version']}).")
    times = coming.next_times(job["schedule"], coming.now_ms(), 3)
    print_fields(
        [
            ("job", f"{job['service_name']}/{job['job_name']}"),
            ("schedule", job["schedule"]),
            ("means", coming.meaning(job["schedule"])),
            ("next (UTC)", ", ".join(filter(None, map(moment, times))) if times and job["enabled"] else None),
            ("enabled", None if job["enabled"] else "no"),
            ("exclusive", "yes" if job["exclusive"] else None),
            ("target", job["invocation_target"]),
            ("ttl", f"{job['ttl_seconds']} s"),
            ("timeout", f"{job['timeout_seconds']} s"),
            ("payload", job["payload"]),
            ("state schema", json.dumps(job["state_schema"]) if job["state_schema"] else None),
            ("version", str(job["version"])),
            ("updated (UTC)", moment(job["updated_at_ms"])),
        ]
    )


def _payload(text: str | None) -> str | None:
    if text is None or not text.startswith("@"):
        return text
    return text_of(Path(text[1:]))


def _settings_of(file: Path) -> dict[str, Any]:
    from jobhook.cli.yaml_text import YamlRefused, read_yaml

    try:
        documents = read_yaml(text_of(file))
    except YamlRefused as refused:
        fail(f"{file}: {refused}", ExitCode.USAGE)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        fail(f"{file} must hold one mapping: the fields of a job", ExitCode.USAGE)
    return documents[0]
