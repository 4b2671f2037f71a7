"""Files of jobs, as `jobhook apply` reads and `jobhook export` writes them.

A YAML document for each service: `service: NAME` and `jobs:`, a mapping of names to the fields of a job. A document may
also have `defaults:`, the fields of those jobs that do not give them themselves. Everything is checked as the server
checks it, so that a file is taken as a whole or not at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobhook.cli.crontab.crontab_hint import meant
from jobhook.cli.files.yaml_text import YamlRefused, read_yaml, write_yaml
from jobhook.cli.jobs.documents import service_jobs
from jobhook.server.job_check import JobRefused, check_job


class JobFileRefused(Exception):
    """The file cannot be applied; `problems` says all that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class WantedJob:
    """A job of a file: the body of its PUT, and the fields of the job that the server will make of it."""

    service: str
    name: str
    body: dict[str, Any]
    settings: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The job's name among all."""
        return f"{self.service}/{self.name}"


@dataclass(frozen=True)
class JobFile:
    """All of a file: services without jobs are among the services, too."""

    services: tuple[str, ...]
    jobs: tuple[WantedJob, ...]


def read_job_file(text: str, now_ms: int) -> JobFile:
    """What the file asks for. Raises JobFileRefused."""
    try:
        documents = read_yaml(text)
    except YamlRefused as refused:
        raise JobFileRefused([f"this is not YAML that can be read: {refused}"]) from refused
    if not documents:
        raise JobFileRefused(["the file is empty: it needs `service: NAME` and `jobs:`"])
    problems: list[str] = []
    services: list[str] = []
    jobs: list[WantedJob] = []
    for document in documents:
        service, bodies = service_jobs(document, problems)
        if service in services:
            problems.append(f"service {service} is there twice")
        services.append(service)
        wanted = (_job(service, str(name), body, now_ms, problems) for name, body in bodies.items())
        jobs += [job for job in wanted if job]
    if problems:
        raise JobFileRefused(problems)
    return JobFile(tuple(services), tuple(jobs))


def write_job_file(services: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of a file with these jobs: per service, the fields of each job by its name."""
    documents = ({"service": service, "jobs": dict(jobs)} for service, jobs in services.items())
    return "---\n".join(write_yaml(document) for document in documents)


def _job(service: str, name: str, body: object, now_ms: int, problems: list[str]) -> WantedJob | None:
    path = f"{service}/{name}"
    if not isinstance(body, dict):
        problems.append(f"{path}: must be a mapping with schedule, invocation_target and ttl_seconds")
        return None
    try:
        return WantedJob(service, name, body, check_job(service, name, body, now_ms))
    except JobRefused as refused:
        problems += [f"{path}: {sentence}" for sentence in (*refused.problems, *_crontabs(body))]
    return None


def _crontabs(body: Mapping[str, Any]) -> Iterator[str]:
    several = body.get("schedules")
    for text in (body.get("schedule"), *(several if isinstance(several, list) else ())):
        expressions = meant(text) if isinstance(text, str) else ()
        if expressions:
            yield f"{text!r} is how a crontab writes it; as AWS does, and in UTC, it is {' and '.join(expressions)}"
