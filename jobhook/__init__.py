"""The tools on a person's machine: the command line, the one-machine server, and a client for programs.

`from jobhook import Client, callback` gives the client's names; each is imported when it is first used, so that
`import jobhook` stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobhook.client.client import Client
    from jobhook.client.credentials import AccessKey, AwsCredentials
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
    from jobhook.client.insight_calls import Schedules
    from jobhook.client.job_calls import TaggedJob
    from jobhook.client.receiver import Run, callback, is_test
    from jobhook.documents.executions import AnyExecution as Execution
    from jobhook.documents.insight import Change, Health, Stats
    from jobhook.documents.insight import Why as Explanation
    from jobhook.documents.jobs import JobSummary as Job
    from jobhook.documents.jobs import PlannedJob, Service
    from jobhook.documents.jobs import TestCall as JobTestReport
    from jobhook.documents.schedules import Occurrence
    from jobhook.documents.settings import JobSettings

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
    "client.client": ("Client",),
    "client.credentials": ("AccessKey", "AwsCredentials"),
    "client.errors": (
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
    "client.insight_calls": ("Schedules",),
    "client.job_calls": ("TaggedJob",),
    "client.receiver": ("Run", "callback", "is_test"),
    "documents.insight": ("Change", "Health", "Stats"),
    "documents.jobs": ("PlannedJob", "Service"),
    "documents.schedules": ("Occurrence",),
    "documents.settings": ("JobSettings",),
}
_HOME = {name: (module, name) for module, names in _MODULES.items() for name in names} | {
    # A listing's jobs and executions have these types as well as those that are read alone.
    "Execution": ("documents.executions", "AnyExecution"),
    "Explanation": ("documents.insight", "Why"),
    "Job": ("documents.jobs", "JobSummary"),
    "JobTestReport": ("documents.jobs", "TestCall"),
}


def __getattr__(name: str) -> object:
    """Import the name's module when the name is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'jobhook' has no attribute {name!r}")
    module, own_name = _HOME[name]
    return getattr(import_module(f"jobhook.{module}"), own_name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
