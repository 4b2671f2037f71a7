"""Requests that nobody thought of: never a 5xx, and always an answer as described.

JOBHOOK_HOSTILE_CASES says how many; 10,000 take a minute.
"""

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chalicelib.sync_runner import run_to_end
from jobhook.core.paging import encode_cursor
from tests.api.gateway import gateway_event
from tests.api.job_bodies import job_body
from tests.api.openapi.described import assert_described, description
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend

CASES = int(os.environ.get("JOBHOOK_HOSTILE_CASES", "2500"))
ROUTES = sorted((method.upper(), path) for path, methods in description()["paths"].items() for method in methods)
METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "QUERY"]

HOSTILE = st.text(max_size=40) | st.sampled_from(
    ["", "\0", "\ud800", "%00", "%ff", "%2F..%2F", "a--b", "x" * 5_000, "9" * 400, "-1", "1e999", "NaN", "\u202e", "{}"]
)
INSTANTS = st.sampled_from(["0", "253402300799999", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "24:00Z"])
POSITIONS = st.lists(st.integers() | st.text(max_size=5) | st.just("reports"), max_size=4).map(tuple)
CURSORS = POSITIONS.map(encode_cursor).map(str) | st.binary(max_size=30).map(
    lambda raw: base64.urlsafe_b64encode(raw).decode()
)
PARAMETERS = sorted(
    {
        parameter["name"]
        for methods in description()["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
)
QUERIES = st.none() | st.dictionaries(
    st.sampled_from(PARAMETERS) | st.text(max_size=8),
    st.lists(HOSTILE | INSTANTS | CURSORS | st.sampled_from(["1", "true", "reports/nightly"]), min_size=1, max_size=2),
    min_size=1,
    max_size=3,
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | HOSTILE
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
FIELDS = sorted(
    {name for schema in description()["components"]["schemas"].values() for name in schema.get("properties", {})}
)
GOOD = [job_body(), {"ttl_seconds": 90}, {"status": "success"}, {"reason": "why", "until": 4_000_000_000_000}, {}]
DOCUMENTS = st.builds(
    lambda good, changes: {**good, **changes},
    st.sampled_from(GOOD),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=2),
)
BODIES = (
    st.binary(max_size=100)
    | DOCUMENTS.map(lambda document: json.dumps(document).encode())
    | VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    | st.sampled_from([b"", b"[" * 10_000, b'{"a":' * 5_000, b"9" * 5_000, b'{"status":"\\ud800"}', b"\xef\xbb\xbf{}"])
)
MEDIA_TYPES = st.sampled_from(
    [*["application/json"] * 6, "application/merge-patch+json", "application/json; charset=utf-16", "text/plain", ""]
) | st.text(max_size=20)
HEADERS = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "Authorization", "Accept", "X-Forwarded-For", "Content-Encoding"]),
    HOSTILE | st.sampled_from(["*", '"a-1"', 'W/"a-1", *', ",,,", "gzip"]),
    max_size=2,
)


@pytest.fixture
def names(backend: MemoryBackend) -> dict[str, list[str]]:
    """What is there, by the names in paths; each request finds what those before have left."""
    run = run_to_end(flow.started(backend))
    guid, token = flow.callback_path(backend)
    return {
        "service": ["reports"],
        "job": ["nightly"],
        "execution_id": [run.execution_id],
        "guid": [guid],
        "token": [token, token[:-1]],
    }


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[" ".join(route) for route in ROUTES])
@settings(
    max_examples=CASES // len(ROUTES) + 1,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data(), query=QUERIES, headers=HEADERS, body=BODIES, media_type=MEDIA_TYPES)
def test_any_request_is_answered_as_described(
    gateway: ChaliceGateway,
    names: dict[str, list[str]],
    method: str,
    path: str,
    data: st.DataObject,
    query: dict[str, Any] | None,
    headers: dict[str, str],
    body: bytes,
    media_type: str,
) -> None:
    sent = data.draw(st.sampled_from([*[method] * 9, *METHODS]))
    parts = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    event = gateway_event(sent, path, {part: data.draw(st.sampled_from(names[part]) | HOSTILE) for part in parts})
    event["multiValueQueryStringParameters"] = query
    event["headers"] |= {**headers, "Content-Type": media_type}
    event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    answer = gateway.answer_event(event)
    assert answer.status < 500, answer.body
    assert_described(sent, path, answer.status, answer.headers, answer.body.decode())
