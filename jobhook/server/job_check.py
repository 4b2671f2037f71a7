"""Checks a job as the server does before anything is sent: a file of jobs is taken as a whole or not at all."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from jobhook.api.bodies.job import parse_job
from jobhook.api.rendering.resources import job_document
from jobhook.core.errors import InvalidDocument, JobhookError
from jobhook.core.jobs.job import JobSettings, new_job

# Those that a GET shows, in the order of the settings, and those that it makes of several settings.
_FIELDS = (*(field.name for field in fields(JobSettings)), "schedules", "start_at", "end_at")


class JobRefused(Exception):
    """The server would refuse the job; `problems` has a sentence for each mistake."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def check_job(service: str, name: str, body: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """The fields of a PUT, as a GET would show them after a PUT of `body`. Raises JobRefused."""
    try:
        sent = json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise JobRefused(["holds a value that JSON does not have"]) from None
    try:
        settings = parse_job(service, name, "application/json", sent, now_ms)
    except JobhookError as error:
        raise JobRefused(list(_sentences(error))) from None
    shown: Mapping[str, Any] = job_document(new_job(service, name, settings, "", now_ms), now_ms, whole=True)
    return {field: shown[field] for field in _FIELDS if field in shown}


def _sentences(error: JobhookError) -> Iterator[str]:
    if not isinstance(error, InvalidDocument):
        yield error.message
        return
    for problem in error.problems:
        yield f"{problem.field}: {problem.message}"
