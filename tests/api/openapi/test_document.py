"""The description is whole, valid, and cannot fall behind the routes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from jobhook.api.bodies.job import JobBody
from jobhook.api.openapi.document import openapi_document, operation_id
from jobhook.api.openapi.operations import OPERATIONS
from jobhook.api.openapi.parameters import WHICH_JOB
from jobhook.api.request import Request
from jobhook.api.responses import Response, answer
from jobhook.api.routes import ROUTES, Route
from jobhook.core.errors import JobhookError
from jobhook.core.identities import is_name
from jobhook.ports import Backend
from tests.api.client import ApiClient
from tests.api.openapi.described import assert_described, description
from tests.fakes.backend import MemoryBackend

METHODS = {"get", "put", "post", "patch", "delete"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def subclasses(kind: type[JobhookError]) -> Iterator[type[JobhookError]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def test_the_api_answers_with_its_description(api: ApiClient, backend: MemoryBackend) -> None:
    reply = api.get("/openapi.json")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.document["openapi"] == "3.1.0"
    assert reply.document["servers"] == [{"url": backend.settings.base_url}]
    assert reply.document["paths"] == description()["paths"]


def test_the_description_takes_no_parameters(api: ApiClient) -> None:
    assert api.get("/openapi.json?format=yaml").document["errors"][0]["field"] == "format"


def test_a_validator_takes_it() -> None:
    assert list(OpenAPIV31SpecValidator(description()).iter_errors()) == []


def test_every_route_is_described_and_nothing_else() -> None:
    described = {(method.upper(), path) for method, path, _ in operations()}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert {operation["operationId"] for _, _, operation in operations()} == {operation_id(name) for name in OPERATIONS}


def test_a_route_that_nothing_is_said_of_cannot_be_described() -> None:
    async def forgotten(_: Backend, __: Request) -> Response:
        return answer({})

    with pytest.raises(KeyError, match="forgotten"):
        openapi_document([*ROUTES, Route("GET", "/forgotten", forgotten)], "https://jobs.example.com")


def test_only_the_callback_takes_unsigned_requests() -> None:
    assert description()["security"] == [{"sigv4": []}]
    unsigned = [path for _, path, operation in operations() if operation.get("security") == []]
    assert unsigned == ["/callback/{guid}/{token}"]
    assert not any("security" in operation for _, path, operation in operations() if path not in unsigned)
    for _, path, operation in operations():
        assert ("403" in operation["responses"]) == (path not in unsigned)


def test_every_operation_says_what_it_is_and_what_it_answers() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations():
        assert method in METHODS
        assert operation["summary"], path
        assert operation["description"]
        assert len(operation["tags"]) == 1
        assert any(status.startswith("2") for status in operation["responses"])
        for status, said in operation["responses"].items():
            assert said["description"]
            assert ("x-codes" in said) == (int(status) >= 400)


def test_every_error_of_the_domain_that_a_caller_can_meet_is_described() -> None:
    reported = {
        code
        for _, _, operation in operations()
        for said in operation["responses"].values()
        for code in said.get("x-codes", [])
    }
    of_tasks = {"ExclusiveRunInProgress", "JobGone", "JobPaused", "WebhookRefused", "WebhookUnavailable"}
    named_by_the_caller = {"InvalidDocument"}
    assert {kind.code for kind in subclasses(JobhookError)} - of_tasks - named_by_the_caller <= reported


def test_every_link_leads_to_an_operation() -> None:
    ids = {operation["operationId"] for _, _, operation in operations()}
    links = [
        link["operationId"]
        for _, _, operation in operations()
        for said in operation["responses"].values()
        for link in said.get("links", {}).values()
    ]
    assert links
    assert set(links) <= ids


@pytest.mark.parametrize("name", sorted(description()["components"]["schemas"]))
def test_examples_are_what_their_schema_says(name: str) -> None:
    schema = description()["components"]["schemas"][name]
    validator = Draft202012Validator({**schema, "components": description()["components"]})
    Draft202012Validator.check_schema(schema)
    for example in schema.get("examples", []):
        validator.validate(example)


def test_every_body_and_answer_has_an_example() -> None:
    whole = {
        part["schema"]["$ref"].rpartition("/")[2]
        for _, _, operation in operations()
        for said in [operation.get("requestBody", {}), *operation["responses"].values()]
        for part in said.get("content", {}).values()
        if "$ref" in part["schema"]
    }
    assert {"JobBody", "Execution", "Error"} <= whole
    assert [name for name in whole if not description()["components"]["schemas"][name].get("examples")] == []


def test_examples_of_parameters_are_what_their_schema_says() -> None:
    for _, _, operation in operations():
        for parameter in operation.get("parameters", []):
            if "example" in parameter:
                Draft202012Validator(parameter["schema"]).validate(parameter["example"])


SENT = {"Webhook", "NotificationMessage", "SlackMessage"}


def test_no_object_of_an_answer_may_have_more_fields() -> None:
    for name, schema in description()["components"]["schemas"].items():
        if schema["type"] == "object" and name not in SENT:
            assert schema["additionalProperties"] is False, name


def test_receivers_allow_fields_that_later_versions_add() -> None:
    schemas = description()["components"]["schemas"]
    for name in SENT:
        Draft202012Validator({**schemas[name], "components": description()["components"]}).validate(
            {**schemas[name]["examples"][0], "added_later": 1}
        )


def test_the_webhook_and_the_notification_are_described_for_receivers() -> None:
    webhooks = description()["webhooks"]
    sent = {
        name: item["post"]["requestBody"]["content"]["application/json"]["schema"] for name, item in webhooks.items()
    }
    assert sent == {
        "webhook": {"$ref": "#/components/schemas/Webhook"},
        "notification": {
            "anyOf": [
                {"$ref": "#/components/schemas/NotificationMessage"},
                {"$ref": "#/components/schemas/SlackMessage"},
            ]
        },
    }
    assert all(item["post"]["security"] == [] for item in webhooks.values())
    (callback,) = webhooks["webhook"]["post"]["callbacks"]["callback"].values()
    assert callback["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/CallbackBody"
    }
    answers = description()["paths"]["/callback/{guid}/{token}"]["post"]["responses"]
    for status, answered in callback["post"]["responses"].items():
        assert answered["content"] == answers[status]["content"]


def test_a_patch_knows_the_fields_of_a_job() -> None:
    schemas = description()["components"]["schemas"]
    assert set(schemas["JobPatch"]["properties"]) == set(schemas["JobBody"]["properties"])
    assert set(schemas["JobBody"]["properties"]) == {
        field.alias or name for name, field in JobBody.model_fields.items()
    }


@settings(max_examples=200, deadline=None)
@given(st.text("ab-/", max_size=9))
def test_the_pattern_of_a_job_is_the_rule_of_names(text: str) -> None:
    service, _, job = text.partition("/")
    pattern = Draft202012Validator({"pattern": WHICH_JOB.schema["pattern"]})
    assert pattern.is_valid(text) == (is_name(service) and is_name(job))


# --- the check that every other test's answers go through -----------------------------------------------------------

JOB = "/services/reports/jobs/nightly"
HEADERS = {"content-type": "application/json", "Content-Type": "application/json", "ETag": '"i-1"'}


def example(name: str, **changes: object) -> str:
    return json.dumps({**description()["components"]["schemas"][name]["examples"][0], **changes})


def test_an_answer_as_described_is_taken() -> None:
    assert_described("GET", f"{JOB}?x=1", 200, HEADERS, example("Job"))
    assert_described("DELETE", JOB, 204, {}, "")


@pytest.mark.parametrize(
    ("method", "status", "headers", "body"),
    [
        ("GET", 200, HEADERS, example("Job", surprise=1)),
        ("GET", 200, HEADERS, example("Job", version="1")),
        ("GET", 200, HEADERS, example("Job", created_at="yesterday")),
        ("GET", 200, {"Content-Type": "application/json"}, example("Job")),
        ("GET", 200, {**HEADERS, "Content-Type": "text/html"}, example("Job")),
        ("GET", 202, HEADERS, example("Job")),
        ("GET", 404, HEADERS, example("Error", code="ExecutionNotFound")),
        ("GET", 404, HEADERS, example("Error", more=1)),
        ("GET", 418, HEADERS, example("Error")),
        ("DELETE", 204, {}, "{}"),
        ("TRACE", 200, {}, "{}"),
    ],
)
def test_an_answer_that_is_otherwise_is_found(method: str, status: int, headers: dict[str, str], body: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        assert_described(method, JOB, status, headers, body)
