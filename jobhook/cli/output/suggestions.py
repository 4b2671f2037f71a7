"""Names like one that is not there, for people who have mistyped it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

import typer

from jobhook.cli.output.escape import plain
from jobhook.client.errors import JobhookError, NotFound

if TYPE_CHECKING:
    from jobhook.client.client import Client

_MOST_NAMES = 2_000


@contextmanager
def suggestions(client: "Client", given: Mapping[str, object]) -> Iterator[None]:
    """Note on a NotFound of a job which names there are that look like it."""
    try:
        yield
    except NotFound as error:
        service, job = given.get("service"), given.get("job")
        if error.code == "JobNotFound" and isinstance(service, str) and isinstance(job, str):
            for sentence in _suggestion(client, service, job):
                error.add_note(sentence)
        raise


def say_no_jobs(client: "Client", service: str) -> None:
    """Tell a person, on standard error, that a service that was named has no jobs, and which one may be meant."""
    try:
        services = _services(client)
    except JobhookError:  # what was asked for has been answered
        return
    if service not in services:
        near = " or ".join(plain(name) for name in get_close_matches(service, services))
        advice = f"Did you mean {near}?" if near else "`jobhook service list` shows the services that have some."
        typer.echo(f"Service {plain(service)} has no jobs. {advice}", err=True)


def _suggestion(client: "Client", service: str, job: str) -> Iterator[str]:
    try:
        near = _near_jobs(client, service, job)
    except JobhookError:  # the first error is the one to tell
        return
    if near:
        yield f"Did you mean {' or '.join(plain(name) for name in near)}?"


def _near_jobs(client: "Client", service: str, job: str) -> list[str]:
    """Jobs of that service with a similar name; else those of similar services with that name or a similar one."""
    names = _jobs(client, service)
    if names:
        return [f"{service}/{name}" for name in get_close_matches(job, names)]
    near_services = get_close_matches(service, _services(client))
    return [f"{one}/{name}" for one in near_services for name in get_close_matches(job, _jobs(client, one))]


def _services(client: "Client") -> list[str]:
    return [one["service_name"] for one in islice(client.list_services(), _MOST_NAMES)]


def _jobs(client: "Client", service: str) -> list[str]:
    return [one["job_name"] for one in islice(client.list_jobs(service), _MOST_NAMES)]
