"""What the shell offers for names and ids: asked of Jobhook, briefly, and nothing where it does not answer."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import typer

from jobhook.cli.output.printing import moment
from jobhook.cli.settings.connection import connect
from jobhook.cli.settings.profiles import ProfilesUnreadable, profiles_file, read_profiles
from jobhook.cli.settings.target import Flags, NoSuchProfile, resolve
from jobhook.client.errors import JobhookError
from jobhook.documents.kinds import ACTIVE

if TYPE_CHECKING:
    from jobhook.client.client import Client
    from jobhook.documents.executions import AnyExecution

Offer = tuple[str, str]
"""A value, and what the shell may say about it."""

_FLAGS = ("url", "profile", "region", "aws_profile", "sign")
_MOST_NAMES = 200
_MOST_EXECUTIONS = 30
_TIMEOUT_SECONDS = 1.0


def services(ctx: typer.Context, incomplete: str) -> list[Offer]:  # noqa: ARG001 - Typer compares
    """The services that have jobs."""
    return _asked(ctx, lambda client: ((one["service_name"], "") for one in client.list_services()))


def jobs(ctx: typer.Context, incomplete: str) -> list[Offer]:  # noqa: ARG001 - Typer compares
    """The jobs of the service that the command line has."""
    service = ctx.params.get("service")
    if not service:
        return []
    return _asked(ctx, lambda client: ((job["job_name"], job["schedule"]) for job in client.list_jobs(service)))


def executions(ctx: typer.Context, incomplete: str) -> list[Offer]:  # noqa: ARG001 - Typer compares
    """The newest executions; of those, for a command that ends or repeats them, the ones that can be."""
    fits = {"cancel": _is_active, "retry": _can_be_retried}.get(ctx.info_name or "", lambda _: True)

    def offers(client: "Client") -> Iterator[Offer]:
        newest = islice(client.list_executions(page_size=_MOST_EXECUTIONS), _MOST_EXECUTIONS)
        return (_execution(execution) for execution in newest if fits(execution))

    return _asked(ctx, offers)


def _asked(ctx: typer.Context, offers: "Callable[[Client], Iterator[Offer]]") -> list[Offer]:
    from jobhook.client.transport import RetryPolicy

    flags = Flags(**{name: ctx.params.get(name) for name in _FLAGS})
    patience = RetryPolicy(tries=1, timeout_seconds=_TIMEOUT_SECONDS)
    try:
        with connect(resolve(flags, os.environ, read_profiles(profiles_file())), patience) as client:
            return list(islice(offers(client), _MOST_NAMES))
    except (JobhookError, NoSuchProfile, ProfilesUnreadable):
        return []


def _execution(execution: "AnyExecution") -> Offer:
    job = f"{execution['service_name']}/{execution['job_name']}"
    return execution["id"], f"{job} {execution['status']} {moment(execution['scheduled_time_ms'])}"


def _is_active(execution: "AnyExecution") -> bool:
    return execution["status"] in ACTIVE


def _can_be_retried(execution: "AnyExecution") -> bool:
    return not _is_active(execution) and execution["status"] != "success" and execution["retried_by"] is None
