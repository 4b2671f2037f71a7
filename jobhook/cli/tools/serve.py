"""`jobhook serve`: the one-machine server as a process."""

import asyncio
import contextlib
import gc
import ipaddress
import logging
import resource
import signal
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from jobhook.cli.output.options import DEFAULT_DATA
from jobhook.core.targets.networks import TargetNetworks, parse_networks

if TYPE_CHECKING:
    from jobhook.server.data_lock import DataDirLock
    from jobhook.server.server import ServerOptions


class Auth(StrEnum):
    """What is asked of a request."""

    NONE = "none"
    SIGV4 = "sigv4"


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8080,
    data: Annotated[Path, typer.Option(help="The directory of the database and the access keys.")] = DEFAULT_DATA,
    base_url: Annotated[
        str | None, typer.Option(help="The address of this server in callback URLs, where services see another.")
    ] = None,
    auth: Annotated[Auth, typer.Option(help="Whether requests must be signed; needed on other than loopback.")] = (
        Auth.NONE
    ),
    retention_days: Annotated[int, typer.Option(min=1, help="How long history is kept, in days.")] = 90,
    target_networks: Annotated[
        str,
        typer.Option(
            envvar="JOBHOOK_TARGET_NETWORKS",
            metavar="NETWORKS",
            help="What webhooks may reach beside public addresses: CIDRs, loopback, private, separated by commas; "
            "public for nothing more.",
        ),
    ] = "loopback,private",
    standby: Annotated[bool, typer.Option(help="Wait while another server holds the data, then take over.")] = False,
) -> None:
    """Serve the API, fire the schedules and run the jobs: one process, one directory of data."""
    if auth is Auth.NONE and not _is_loopback(host):
        _refuse(
            f"{host} can be reached from elsewhere: add --auth sigv4 (keys: jobhook credentials add), "
            "or use --host 127.0.0.1"
        )
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        _refuse("--base-url must be an http or https URL")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    _raise_file_limit()
    from jobhook.server.server import ServerOptions  # slow to import; `jobhook --help` does without

    url = base_url.rstrip("/") if base_url else None
    options = ServerOptions(
        host,
        port,
        data,
        url,
        auth is Auth.SIGV4,
        retention_days=retention_days,
        target_networks=_networks(target_networks),
    )
    _run(options, standby=standby)


def _networks(text: str) -> TargetNetworks:
    try:
        return TargetNetworks(parse_networks(text))
    except ValueError as error:
        _refuse(f"--target-networks: {error}")


def _run(options: "ServerOptions", *, standby: bool) -> None:
    try:
        import uvloop
    except ImportError:  # where uvloop is not to be had, asyncio's own loop serves
        asyncio.run(_serve(options, standby=standby))
    else:
        uvloop.run(_serve(options, standby=standby))


async def _serve(options: "ServerOptions", *, standby: bool) -> None:
    from jobhook.server.data_lock import Held
    from jobhook.server.server import CannotStart, Server

    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with _holder(options) as holder:
        try:
            holder.take()
        except OSError as error:
            _refuse(f"cannot use {options.data}: {error.strerror or error}")
        except Held as held:
            if not standby:
                _refuse(str(held))
            typer.echo(f"Standing by: {options.data} is in use by {holder.holder()}.")
            if not await _first(holder.wait(), stop):
                return
        server = Server(options)
        try:
            url = await server.start()
        except CannotStart as reason:
            _refuse(str(reason))
        _calm_collector()
        typer.echo(f"Jobhook serves {url} with data in {options.data}. Ctrl-C stops it.")
        await stop.wait()
        typer.echo("Stopping: what is under way may finish.")
        await server.stop()


def _holder(options: "ServerOptions") -> "DataDirLock":
    from jobhook.server.data_lock import DataDirLock

    try:
        return DataDirLock(options.data, f"http://{options.host}:{options.port}")
    except OSError as error:
        _refuse(f"cannot use {options.data}: {error.strerror or error}")


async def _first(wanted: Coroutine[object, object, None], stop: asyncio.Event) -> bool:
    """Wait for `wanted` or for the stop; whether it was the former."""
    waiting, stopping = asyncio.create_task(wanted), asyncio.create_task(stop.wait())
    await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    for task in (waiting, stopping):
        task.cancel()
    return not stop.is_set()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _calm_collector() -> None:
    """Look for cyclic garbage less often: by default that took a sixth of the time of a busy server (bench/).

    Nearly all objects go by their reference counts, and what was made at the start stays to the end.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _raise_file_limit() -> None:
    """Every webhook under way is an open file, and the usual limit of 1,024 is meant for other programs."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _refuse(message: str) -> NoReturn:
    typer.echo(f"jobhook serve: {message}", err=True)
    raise typer.Exit(1)
