"""A job's notification policy."""

import pytest

from jobhook.core.targets.networks import TargetNetworks
from tests.api.client import ApiClient
from tests.api.job_bodies import job_body

JOB = "/services/reports/jobs/nightly"
TARGET = "https://chat.example.com/services/T0/B0/s3cret"
DEFAULT_ON = ["failed", "timed_out", "missed", "dead_lettered", "recovered"]
WHOLE = {"target": TARGET, "on": ["success", "failed"], "format": "slack"}


def test_it_is_shown_as_it_was_put(api: ApiClient) -> None:
    assert api.send_json("PUT", JOB, job_body(notify=WHOLE)).document["notify"] == WHOLE
    assert api.get(JOB).document["notify"] == WHOLE
    assert api.get("/jobs").document["results"][0]["notify"] == WHOLE


def test_only_the_target_has_to_be_said(api: ApiClient) -> None:
    shown = api.send_json("PUT", JOB, job_body(notify={"target": TARGET})).document["notify"]
    assert shown == {"target": TARGET, "on": DEFAULT_ON, "format": "json"}


@pytest.mark.parametrize("body", [job_body(), job_body(notify=None)])
def test_a_job_without_one_tells_nobody(api: ApiClient, body: dict[str, object]) -> None:
    assert api.send_json("PUT", JOB, body).document["notify"] is None


def test_the_order_of_the_ends_makes_no_difference(api: ApiClient) -> None:
    put = api.send_json("PUT", JOB, job_body(notify={"target": TARGET, "on": ["recovered", "failed"]}))
    again = api.send_json("PUT", JOB, job_body(notify={"target": TARGET, "on": ["failed", "recovered"]}))
    assert (put.document["version"], again.document["version"]) == (1, 1)
    assert again.headers["ETag"] == put.headers["ETag"]
    assert again.document["notify"]["on"] == ["failed", "recovered"]


def test_a_patch_merges_it_and_null_takes_it_away(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body(notify=WHOLE))
    merged = api.send_json("PATCH", JOB, {"notify": {"on": ["timed_out"]}}).document
    assert merged["notify"] == {**WHOLE, "on": ["timed_out"]}
    assert api.send_json("PATCH", JOB, {"notify": {"on": None}}).document["notify"] == {**WHOLE, "on": DEFAULT_ON}
    assert api.send_json("PATCH", JOB, {"ttl_seconds": 90}).document["notify"]["target"] == TARGET
    assert api.send_json("PATCH", JOB, {"notify": None}).document["notify"] is None
    reply = api.send_json("PATCH", JOB, {"notify": {"on": ["failed"]}})
    assert (reply.status, [one["field"] for one in reply.document["errors"]]) == (400, ["notify.target"])


def test_a_dry_run_shows_it_and_stores_nothing(api: ApiClient) -> None:
    planned = api.send_json("PUT", f"{JOB}?dry_run=true", job_body(notify=WHOLE)).document
    assert planned["job"]["notify"] == WHOLE
    assert api.get(JOB).status == 404


@pytest.mark.parametrize(
    ("notify", "names"),
    [
        ("https://chat.example.com", ["notify"]),
        ({}, ["notify.target"]),
        ({"target": "ftp://x", "on": [], "format": "xml"}, ["notify.target", "notify.on", "notify.format"]),
        ({"target": TARGET, "on": ["failed", "failed"]}, ["notify.on"]),
        ({"target": TARGET, "on": ["failed", "running", 5]}, ["notify.on.1", "notify.on.2"]),
        ({"target": TARGET, "on": "failed"}, ["notify.on"]),
        ({"target": TARGET, "on": None}, ["notify.on"]),
        ({"target": TARGET, "url": TARGET, "when": 1}, ["notify.url", "notify.when"]),
        ({"target": "https://ann:s3cret@chat.example.com"}, ["notify.target"]),
    ],
)
def test_what_it_may_not_be_is_named(api: ApiClient, notify: object, names: list[str]) -> None:
    reply = api.send_json("PUT", JOB, job_body(notify=notify))
    assert (reply.status, reply.document["code"]) == (400, "InvalidJob")
    assert sorted(problem["field"] for problem in reply.document["errors"]) == sorted(names)
    assert "s3cret" not in str(reply.document["errors"])


def test_problems_of_the_job_and_of_its_policy_are_told_at_once(api: ApiClient) -> None:
    reply = api.send_json("PUT", JOB, job_body(ttl_seconds=0, notify={"on": []}))
    assert [problem["field"] for problem in reply.document["errors"]] == ["notify.target", "notify.on", "ttl_seconds"]


def test_a_target_that_is_too_long_is_too_large(api: ApiClient) -> None:
    long = "https://chat.example.com/" + "x" * 2_048
    reply = api.send_json("PUT", JOB, job_body(notify={"target": long}))
    assert (reply.status, reply.document["code"]) == (413, "PayloadTooLarge")


def test_both_targets_that_may_not_be_reached_are_named(api: ApiClient) -> None:
    closed = "http://169.254.169.254/latest"
    reply = api.send_json("PUT", JOB, job_body(invocation_target=closed, notify={"target": closed}))
    assert (reply.status, reply.document["code"]) == (422, "TargetNotAllowed")
    assert [problem["field"] for problem in reply.document["errors"]] == ["invocation_target", "notify.target"]
    alone = api.send_json("PUT", JOB, job_body(notify={"target": "http://127.0.0.1:9000/x"}))
    assert [problem["field"] for problem in alone.document["errors"]] == ["notify.target"]
    assert TargetNetworks().opened == ()  # what the answer depends on


def test_the_audit_trail_tells_of_its_target_only_the_host(api: ApiClient) -> None:
    api.send_json("PUT", JOB, job_body(notify=WHOLE))
    api.send_json("PATCH", JOB, {"notify": {"target": "https://other.example.com:8443/s3cret", "on": ["failed"]}})
    changes = api.get(f"{JOB}/changes")
    assert changes.document["results"][0]["details"]["changed"] == [
        {
            "field": "notify",
            "old": {"target": "https://chat.example.com/...", "on": ["success", "failed"], "format": "slack"},
            "new": {"target": "https://other.example.com:8443/...", "on": ["failed"], "format": "slack"},
        }
    ]
    assert "s3cret" not in str(changes.document)
