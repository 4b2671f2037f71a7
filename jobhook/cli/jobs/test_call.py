"""`jobhook job test`: a test call to a job's target."""

from typing import Annotated

import typer

from jobhook.cli.jobs.fields import payload_of
from jobhook.cli.output.escape import plain
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.options import JobName, Service
from jobhook.cli.output.printing import duration, print_json, print_table, remark
from jobhook.cli.settings.connection import Api, connected

_MET = {True: "yes", False: "NO", None: "-"}


@connected
def try_job(
    api: Api,
    service: Service,
    job: JobName,
    payload: Annotated[str | None, typer.Option(help="Sent instead of the job's; @FILE takes a file's text.")] = None,
) -> None:
    """Send a job's target a call that is marked as a test, and say which criteria the answer meets.

    The exit code is 0 if all are met, and 1 if one is not.
    """
    report = api.client.test_job(service, job, payload=... if payload is None else payload_of(payload))
    if api.as_json:
        print_json(report)
    else:
        rows = ((one["name"].replace("_", " "), _MET[one["met"]], one["detail"]) for one in report["criteria"])
        print_table(("CRITERION", "MET", "DETAIL"), rows, empty="Nothing was looked at.")
        answer = "" if report["http_status"] is None else f", HTTP {report['http_status']}"
        took = "" if report["duration_ms"] is None else f" after {duration(report['duration_ms'])}"
        typer.echo(f"{'Passed' if report['passed'] else 'Not passed'}{answer}{took}.")
        if report["response"]:
            typer.echo(f"The answer: {plain(remark(report['response']) or '')}")
    if not report["passed"]:
        raise typer.Exit(ExitCode.FAILED)
