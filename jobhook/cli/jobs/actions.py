"""`jobhook job run`, `pause` and `resume`."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.executions.watch import follow
from jobhook.cli.jobs.fields import payload_of
from jobhook.cli.jobs.view import name_of, pause_text, show_job
from jobhook.cli.output.escape import plain
from jobhook.cli.output.instants import later
from jobhook.cli.output.options import JobName, Service
from jobhook.cli.output.printing import print_json
from jobhook.cli.settings.connection import Api, connected

if TYPE_CHECKING:
    from jobhook.documents.jobs import Job

_LOOKS_EVERY_SECONDS = 0.5


@connected
def run_job(
    api: Api,
    service: Service,
    job: JobName,
    payload: Annotated[
        str | None, typer.Option(help="Sent instead of the job's, this once; @FILE takes a file's text.")
    ] = None,
    beside: Annotated[
        bool, typer.Option("--beside", help="Run an exclusive job even while an earlier run of it goes on.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Follow the run until it ends; the exit code tells how.")
    ] = False,
) -> None:
    """Run a job now, whether or not it is due, disabled or paused."""
    started = api.client.run_job(
        service,
        job,
        payload=... if payload is None else payload_of(payload),
        overlap="allow" if beside else None,
    )
    if watch:
        follow(api, started["id"], _LOOKS_EVERY_SECONDS)
    elif api.as_json:
        print_json(started)
    else:
        typer.echo(f"Started {service}/{job}: {started['id']}")
        typer.echo(f"`jobhook execution watch {started['id']}` follows it.")


@connected
def pause_job(
    api: Api,
    service: Service,
    job: JobName,
    reason: Annotated[str, typer.Option(help="Why; it is shown with the job and with every run that is skipped.")],
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            callback=later,
            help="When it goes on by itself: 30m, 2h, 7d from now, RFC 3339 or epoch ms; else when it is resumed.",
        ),
    ] = None,
) -> None:
    """Skip a job's runs for a while. What runs already goes on, and `job run` still works."""
    before = _as_it_was(api, service, job)
    paused = api.client.pause_job(service, job, reason, until)
    text = f" {pause_text(paused['pause'])}" if paused["pause"] else ""
    if before is None or before["pause"] is None:
        said = f"Paused {name_of(paused)}{text}"
    elif before["version"] == paused["version"]:
        said = f"Nothing changed: {name_of(paused)} was paused already,{text}"
    else:
        said = f"{name_of(paused)} was paused already, {pause_text(before['pause'])}\nNow it is{text}"
    show_job(api, paused, plain(said, lines=True))


@connected
def resume_job(api: Api, service: Service, job: JobName) -> None:
    """End a job's pause. What it has skipped is not run late."""
    before = _as_it_was(api, service, job)
    resumed = api.client.resume_job(service, job)
    if before is not None and before["version"] == resumed["version"]:
        show_job(api, resumed, f"Nothing changed: {name_of(resumed)} was not paused.")
    else:
        show_job(api, resumed, f"{name_of(resumed)} is not paused any more.")


def _as_it_was(api: Api, service: str, job: str) -> "Job | None":
    """The job before a change, so that a person is told whether there was one; a program compares versions itself."""
    return None if api.as_json else api.client.get_job(service, job)
