"""`jobhook execution cancel` and `retry`."""

from typing import Annotated

import typer

from jobhook.cli.executions.watch import follow
from jobhook.cli.output.options import ExecutionId
from jobhook.cli.output.printing import print_json
from jobhook.cli.settings.connection import Api, connected

_LOOKS_EVERY_SECONDS = 0.5


@connected
def cancel(api: Api, execution_id: ExecutionId) -> None:
    """End an execution that runs. Its service hears of it with its next callback."""
    cancelled = api.client.cancel_execution(execution_id)
    if api.as_json:
        print_json(cancelled)
    else:
        typer.echo(f"Cancelled {execution_id}.")


@connected
def retry(
    api: Api,
    execution_id: ExecutionId,
    watch: Annotated[
        bool, typer.Option("--watch", "-w", help="Follow the new execution until it ends; the exit code tells how.")
    ] = False,
) -> None:
    """Do again what has ended without success: a new execution, with the payload of the old one."""
    started = api.client.retry_execution(execution_id)
    if watch:
        follow(api, started["id"], _LOOKS_EVERY_SECONDS)
    elif api.as_json:
        print_json(started)
    else:
        typer.echo(f"Started {started['service_name']}/{started['job_name']} again: {started['id']}")
        typer.echo(f"`jobhook execution watch {started['id']}` follows it.")
