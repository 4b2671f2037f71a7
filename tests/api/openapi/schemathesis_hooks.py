"""What schemathesis cannot know from a description: keys to sign with, what is there, and rules between fields.

A JSON Schema says nothing of two fields, of the time, or of what is stored. So requests that are to be accepted are put
right here, and about half of them ask for what is there; those that are to be refused are sent as they were made.
"""

import json
import os
from collections.abc import MutableMapping
from itertools import cycle
from typing import Any, TypeAlias

import requests
import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import strategies as st
from schemathesis.auths import GLOBAL_AUTH_STORAGE
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import MissingHeaderNotRejected
from schemathesis.schemas import APIOperation

from jobhook.core.times import to_rfc3339

Case: TypeAlias = schemathesis.Case[Any]
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]

PREPARED = json.loads(os.environ["JOBHOOK_PREPARED"])
"""`key`, `secret`, `target`, the paths of callbacks, the ids of executions, and the names of jobs."""

CALLBACKS = cycle([{"guid": guid, "token": token} for guid, token in PREPARED["callbacks"]])
EXECUTIONS = cycle([None, *PREPARED["executions"]])
_SCHEMAS = ("state_schema", "response_schema")
JOBS = cycle([None, *PREPARED["jobs"], None])

EXPRESSIONS = [
    "rate(1 minute)",
    "rate(7 days)",
    "cron(0 6 * * ? *)",
    "cron(0/15 8-17 ? * MON-FRI *)",
    "cron(0 9 LW * ? *)",
    "cron(5 4 ? 1,7 2#1 2027-2199)",
    *(f"rate({days} days)" for days in range(2, 7)),  # a job may have ten
]
schemathesis.openapi.format("schedule-expression", st.sampled_from(EXPRESSIONS))
schemathesis.openapi.format("uri", st.sampled_from(["", "/", "/hooks?a=b%20c"]).map(PREPARED["target"].__add__))
schemathesis.openapi.format("date-time", st.integers(0, 250_000_000_000_000).map(to_rfc3339))  # not before 1970
schemathesis.openapi.format("cursor", st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1))


class Signed(requests.auth.AuthBase):
    """Signs a request as botocore does."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        headers = {name: request.headers[name] for name in ("Content-Type", "If-Match") if name in request.headers}
        aws = AWSRequest(method=request.method, url=request.url, data=request.body, headers=headers)
        SigV4Auth(Credentials(PREPARED["key"], PREPARED["secret"]), "execute-api", "eu-west-1").add_auth(aws)
        for name in ("Authorization", "X-Amz-Date"):
            request.headers[name] = aws.headers[name]
        return request


GLOBAL_AUTH_STORAGE.set_from_requests(Signed())


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Puts right what is to be accepted."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    if meta.phase.name is not TestPhase.STATEFUL:
        _ask_for_what_is_there(case.operation, case.path_parameters)
    if case.operation.path == "/stats":
        case.query.pop("since", None)  # its days end today where nothing else is said, and are 400 at most
        case.query.pop("until", None)
    _mend_query(case.query)
    if isinstance(case.body, dict):
        _mend_body(case.operation, case.body)


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: Case, response: schemathesis.Response
) -> bool:
    """An unsigned request is answered 403, as AWS's gateway answers it; schemathesis asks for a 401."""
    unsigned = isinstance(failure, MissingHeaderNotRejected) and failure.header_name == "Authorization"
    return not (unsigned and response.status_code == 403)


def _ask_for_what_is_there(operation: Operation, names: MutableMapping[str, Any]) -> None:
    if "token" in names:
        names.update(next(CALLBACKS))
    if "execution_id" in names:
        names["execution_id"] = next(EXECUTIONS) or names["execution_id"]
    if "service" in names and operation.method.upper() != "DELETE":  # links delete what they have made
        service, job = next(JOBS) or (None, None)
        names["service"] = service or names["service"]
        if "job" in names:
            names["job"] = job or names["job"]


def _mend_query(query: MutableMapping[str, Any]) -> None:
    """No cursor of another listing, and no range that ends before it begins."""
    query.pop("cursor", None)
    if "since" in query:
        query.pop("until", None)
    if "by" in query:
        query["by"] = "day,status"  # each only once
    if "job" in query:
        query["job"] = "/".join(PREPARED["jobs"][0])  # the pattern leaves either name too long


def _mend_body(operation: Operation, body: dict[str, Any]) -> None:
    for name, value in body.items():
        if isinstance(value, float) and value.is_integer():
            body[name] = int(value)  # a JSON Schema takes 60.0 for an integer, and the API does not
    body.pop("timeout_seconds", None)  # must be more than ttl_seconds
    if body.get("overlap") == "refuse":
        del body["overlap"]  # the job must be exclusive
    moments = {"until": "2199-12-01T06:00:00Z", "start_at": 1_000_000_000_000, "end_at": "2199-12-01T06:00:00Z"}
    body.update({name: moment for name, moment in moments.items() if body.get(name) is not None})  # in this order
    body.update({name: {"type": ["object", "string"]} for name in _SCHEMAS if body.get(name) is not None})
    if operation.method.upper() == "PATCH" and ("schedule" in body or "schedules" in body):
        body["schedules"] = EXPRESSIONS[:2]  # as it is said of a job that may have several
    if body.get("schedules") is not None:
        body.pop("schedule", None)  # must be the first of them
    elif operation.method.upper() == "PUT":
        body["schedule"] = body.get("schedule") or EXPRESSIONS[0]  # one of the two has to be given
