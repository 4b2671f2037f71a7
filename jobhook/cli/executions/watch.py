"""`jobhook execution watch`: follows runs as they happen."""

import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.cli.executions.live_table import Board, Changes
from jobhook.cli.output import completion
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.output.printing import console
from jobhook.cli.settings.connection import Api, connected
from jobhook.documents.kinds import ACTIVE

if TYPE_CHECKING:
    from jobhook.client.client import Client
    from jobhook.documents.executions import AnyExecution


@connected
def watch(
    api: Api,
    execution_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="Follow this execution until it ends.", autocompletion=completion.executions),
    ] = None,
    service: Annotated[
        str | None, typer.Option(help="Only this service's executions.", autocompletion=completion.services)
    ] = None,
    job: Annotated[
        str | None, typer.Option(help="Only this job's; needs --service.", autocompletion=completion.jobs)
    ] = None,
    last: Annotated[int, typer.Option(min=1, max=200, help="How many executions to keep in view.")] = 15,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 1.0,
) -> None:
    """Follow executions live, until Ctrl-C; or one of them until it ends.

    On a terminal it is a table that changes, elsewhere (and with --json) a line for each change. With an ID the exit
    code is 0 if the execution ends with success, and 1 if it ends otherwise.
    """
    if job is not None and service is None:
        raise typer.BadParameter("give --service too: a job is found by both", param_hint="'--job'")
    if execution_id is not None:
        follow(api, execution_id, interval)
        return
    with suppress(KeyboardInterrupt):
        _show(api, _newest(api.client, service, job, last, interval))


def follow(api: Api, execution_id: str, interval: float) -> None:
    """Show an execution until it ends, and leave with what its end means."""
    try:
        status = _show(api, _until_it_ends(api.client, execution_id, interval))
    except KeyboardInterrupt:
        fail(f"It goes on; `jobhook execution cancel {execution_id}` ends it.")
    if status != "success":
        raise typer.Exit(ExitCode.FAILED)


def _show(api: Api, looks: "Iterator[list[AnyExecution]]") -> str:
    """The status of the newest execution of the last look."""
    display = Changes(as_json=api.as_json) if api.as_json or not console().is_terminal else Board()
    status = ""
    with display:
        for executions in looks:
            display.show(executions)
            status = executions[0]["status"] if executions else ""
    return status


def _until_it_ends(client: "Client", execution_id: str, interval: float) -> "Iterator[list[AnyExecution]]":
    while True:
        execution = client.get_execution(execution_id)
        yield [execution]
        if execution["status"] not in ACTIVE:
            return
        time.sleep(interval)


def _newest(
    client: "Client", service: str | None, job: str | None, last: int, interval: float
) -> "Iterator[list[AnyExecution]]":
    """The newest executions, and with them the older ones that were active at the last look; without end."""
    active: list[str] = []
    while True:
        newest = list(islice(client.list_executions(service, job, page_size=last), last))
        seen = {execution["id"] for execution in newest}
        looked: list[AnyExecution] = [*newest, *(client.get_execution(known) for known in active if known not in seen)]
        yield looked
        active = [execution["id"] for execution in looked if execution["status"] in ACTIVE]
        time.sleep(interval)
