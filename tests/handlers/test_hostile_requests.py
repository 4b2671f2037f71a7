"""Requests that nobody thought of: never a 5xx, always the contract's form."""

import json
from typing import Any

import pytest
from chalice.app import Chalice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.running import run_to_end
from tests.fakes import flow
from tests.fakes.backend import MemoryBackend
from tests.handlers.bodies import job_body
from tests.handlers.gateway import gateway_event

NAMES = st.text(max_size=80) | st.sampled_from(["reports", "nightly", "%00", "%ff", "a--b"])
QUERIES = st.none() | st.dictionaries(
    st.sampled_from(["limit", "cursor", "status", "since", "until"]) | st.text(max_size=8),
    st.lists(st.text(max_size=30), min_size=1, max_size=2),
    min_size=1,
    max_size=3,
)
BODIES = st.none() | st.text(max_size=200) | st.just(json.dumps(job_body())) | st.just('{"status": "success"}')
MEDIA_TYPES = st.sampled_from(["application/json", "application/json; charset=utf-16", "text/plain", ""]) | st.text(
    max_size=20
)


@pytest.fixture
def known(app: Chalice, backend: MemoryBackend) -> Chalice:
    run_to_end(flow.started(backend))
    return app


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), QUERIES, BODIES, MEDIA_TYPES)
def test_any_request_gets_an_answer_of_the_contract(
    known: Chalice, data: st.DataObject, query: dict[str, Any] | None, body: str | None, media_type: str
) -> None:
    path = data.draw(st.sampled_from(sorted(known.routes)))
    method = data.draw(st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"]))
    names = {part[1:-1]: data.draw(NAMES) for part in path.split("/") if part.startswith("{")}
    event = gateway_event(method, path, names)
    event["multiValueQueryStringParameters"] = query
    event["headers"]["Content-Type"] = media_type
    event["body"] = body
    answer = known(event, None)
    assert answer["statusCode"] < 500
    if answer["statusCode"] == 204:
        assert answer["body"] == ""
        return
    assert answer["headers"]["Content-Type"] == "application/json"
    document = json.loads(answer["body"])
    answer["body"].encode()
    if answer["statusCode"] >= 400:
        assert {"code", "message"} <= set(document) <= {"code", "message", "errors", "status"}
