"""The tools on a person's machine: the command line, the one-machine server, and a client for programs.

`from jobhook import Client, callback` gives the client's names; each is imported when it is first asked for, so that
`import jobhook` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobhook.client.client import Client
    from jobhook.client.credentials import AccessKey, AwsCredentials
    from jobhook.client.documents import Execution, Job, JobSettings, Occurrence, PlannedJob, Service
    from jobhook.client.errors import (
        ApiError,
        Conflict,
        Denied,
        ExecutionEnded,
        JobhookError,
        NoCredentials,
        NotFound,
        Problem,
        Refused,
        Unreachable,
        UrlRefused,
    )
    from jobhook.client.insight_documents import Change, Explanation, Health, JobTestReport, Schedules, Stats
    from jobhook.client.job_calls import TaggedJob
    from jobhook.client.receiver import Run, callback, is_test

__all__ = [
    "AccessKey",
    "ApiError",
    "AwsCredentials",
    "Change",
    "Client",
    "Conflict",
    "Denied",
    "Execution",
    "ExecutionEnded",
    "Explanation",
    "Health",
    "Job",
    "JobSettings",
    "JobTestReport",
    "JobhookError",
    "NoCredentials",
    "NotFound",
    "Occurrence",
    "PlannedJob",
    "Problem",
    "Refused",
    "Run",
    "Schedules",
    "Service",
    "Stats",
    "TaggedJob",
    "Unreachable",
    "UrlRefused",
    "callback",
    "is_test",
]

_MODULES = {
    "client": ("Client",),
    "credentials": ("AccessKey", "AwsCredentials"),
    "documents": ("Execution", "Job", "JobSettings", "Occurrence", "PlannedJob", "Service"),
    "errors": (
        "ApiError",
        "Conflict",
        "Denied",
        "ExecutionEnded",
        "JobhookError",
        "NoCredentials",
        "NotFound",
        "Problem",
        "Refused",
        "Unreachable",
        "UrlRefused",
    ),
    "insight_documents": ("Change", "Explanation", "Health", "Schedules", "Stats", "JobTestReport"),
    "job_calls": ("TaggedJob",),
    "receiver": ("Run", "callback", "is_test"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'jobhook' has no attribute {name!r}")
    return getattr(import_module(f"jobhook.client.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
