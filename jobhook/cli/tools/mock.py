"""`jobhook mock`: a service to try Jobhook with, before there is a real one."""

import asyncio
import json
import random
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from jobhook.adapters.clock import SystemClock
from jobhook.cli.output.escape import plain
from jobhook.cli.output.exits import ExitCode
from jobhook.cli.output.failures import fail
from jobhook.cli.tools.mocking.behaviour import Behaviour, BehaviourRefused, Outcome
from jobhook.core.times import to_rfc3339

if TYPE_CHECKING:
    from jobhook.cli.tools.mocking.service import MockService

_STANDARD = Behaviour()


def mock(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 9000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    work: Annotated[float, typer.Option(metavar="SECONDS", help="How long a run takes.")] = _STANDARD.work,
    heartbeats: Annotated[int, typer.Option(help="Heartbeats during a run, spread evenly.")] = _STANDARD.heartbeats,
    outcome: Annotated[
        Outcome,
        typer.Option("--outcome", metavar="OUTCOME", help="How runs end: success, fail, or lose (never called back)."),
    ] = _STANDARD.outcome,
    fail_percent: Annotated[float, typer.Option("--fail", metavar="PERCENT", help="So many of them fail.")] = 0.0,
    lose_percent: Annotated[
        float, typer.Option("--lose", metavar="PERCENT", help="So many of their callbacks are lost.")
    ] = 0.0,
    answer: Annotated[int, typer.Option(metavar="STATUS", help="The answer to webhooks.")] = _STANDARD.answer,
    answer_after: Annotated[float, typer.Option(metavar="SECONDS", help="How long that answer takes.")] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as a line of JSON.")] = False,
) -> None:
    """Be a service: take webhooks at any path, send heartbeats, and call back, or not, as told.

    A job can have its own behaviour in the query of its target, with the names of these options:
    http://localhost:9000/?work=30&heartbeats=5&outcome=fail
    """
    try:
        behaviour = Behaviour(answer, answer_after, work, heartbeats, outcome, fail_percent, lose_percent)
    except BehaviourRefused as refused:
        fail(f"jobhook mock: {refused}", ExitCode.USAGE)
    asyncio.run(_serve(behaviour, host, port, _json_line if as_json else _line))


async def _serve(behaviour: Behaviour, host: str, port: int, tell: Callable[[str, str], None]) -> None:
    from jobhook.cli.tools.mocking.service import MockService  # slow to import

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    service = MockService(behaviour, tell, random.random)
    try:
        await _listen(service, host, port)
        tell("mock", f"takes webhooks at http://{host}:{port}/; Ctrl-C stops it")
        await stop.wait()
    finally:
        await service.close()


async def _listen(service: "MockService", host: str, port: int) -> None:
    try:
        await service.listen(host, port)
    except OSError as error:
        reason = (error.strerror or str(error)).rpartition(": ")[2]  # asyncio says the address again before it
        fail(f"jobhook mock: cannot listen on {host}:{port}: {reason}; choose another --port")


def _line(who: str, what: str) -> None:
    typer.echo(f"{datetime.now(UTC):%H:%M:%S}  {plain(who)}  {plain(what)}")


def _json_line(who: str, what: str) -> None:
    typer.echo(json.dumps({"at": to_rfc3339(SystemClock().now_ms()), "job": who, "event": what}))
