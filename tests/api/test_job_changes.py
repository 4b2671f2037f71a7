"""PATCH, conditional requests and dry runs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobhook.core.jobs.settings_document import merged
from tests.api.client import ApiClient, Reply
from tests.api.job_bodies import job_body
from tests.fakes.backend import MemoryBackend

JOB = "/services/reports/jobs/nightly"
NINE = "cron(0 9 * * ? *)"
MERGE_PATCH = "application/merge-patch+json"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def put(api: ApiClient, headers: dict[str, str] | None = None, **changes: object) -> Reply:
    return api.send("PUT", JOB, json.dumps(job_body(**changes)).encode(), headers=headers)


def patch(api: ApiClient, document: object, headers: dict[str, str] | None = None) -> Reply:
    return api.send("PATCH", JOB, json.dumps(document).encode(), MERGE_PATCH, headers)


# --- PATCH -----------------------------------------------------------------------------------------------------------


def test_a_patch_changes_what_it_names_and_nothing_else(api: ApiClient) -> None:
    before = put(api, exclusive=True).document
    after = patch(api, {"schedule": NINE})
    assert after.status == 200
    assert after.document == {**before, "schedule": NINE, "schedules": [NINE], "version": 2}
    assert api.get("/schedules").document["results"][0]["schedule"] == "cron(0 9 * * ? *)"


def test_null_sets_a_field_back_to_its_default(api: ApiClient) -> None:
    put(api, payload="p", timeout_seconds=120)
    document = patch(api, {"payload": None, "timeout_seconds": None}).document
    assert (document["payload"], document["timeout_seconds"]) == (None, 86_400)


def test_a_timeout_that_follows_from_the_ttl_goes_on_following_it(api: ApiClient) -> None:
    put(api)
    assert patch(api, {"ttl_seconds": 100_000}).document["timeout_seconds"] == 200_000


def test_a_patch_that_changes_nothing_changes_nothing(api: ApiClient) -> None:
    first = put(api).document
    assert patch(api, {}).document == first
    assert patch(api, {"ttl_seconds": 60}).document == first


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"ttl_seconds": "60"}, "ttl_seconds"),
        ({"ttl_seconds": None}, "ttl_seconds"),
        ({"retries": 3}, "retries"),
        ({"schedule": "rate(1 minutes)"}, "schedule"),
        ({"pause": {}}, "pause"),
    ],
)
def test_what_a_patch_makes_of_a_job_must_be_valid(api: ApiClient, document: object, field: str) -> None:
    first = put(api).document
    reply = patch(api, document)
    assert (reply.status, [problem["field"] for problem in reply.document["errors"]]) == (400, [field])
    assert api.get(JOB).document == first


def test_a_patch_may_be_plain_json_but_nothing_else(api: ApiClient) -> None:
    put(api)
    assert api.send_json("PATCH", JOB, {"ttl_seconds": 61}).status == 200
    assert api.send("PATCH", JOB, b"{}", "application/json-patch+json").status == 415
    assert api.send("PATCH", JOB, b"[]", MERGE_PATCH).status == 400
    deep = b'{"state_schema":' + b'{"a":' * 960 + b"1" + b"}" * 960 + b"}"
    assert api.send("PATCH", JOB, deep, MERGE_PATCH).status == 400


def test_what_is_not_there_is_not_patched(api: ApiClient) -> None:
    reply = patch(api, {"ttl_seconds": 60})
    assert (reply.status, reply.document["code"]) == (404, "JobNotFound")


@given(target=VALUES, change=VALUES)
def test_a_merge_patch_is_the_rfcs(target: object, change: object) -> None:
    """RFC 7396, section 2, in what it says of the outcome."""
    outcome = merged(target, change)
    if not isinstance(change, dict):
        assert outcome == change
        return
    assert isinstance(outcome, dict)
    known = target if isinstance(target, dict) else {}
    assert set(outcome) == (set(known) | set(change)) - {name for name, value in change.items() if value is None}
    assert all(outcome[name] == known[name] for name in set(known) - set(change))
    assert all(outcome[name] == merged(known.get(name), value) for name, value in change.items() if value is not None)


# --- If-Match --------------------------------------------------------------------------------------------------------


def test_every_change_has_another_tag_and_a_read_has_the_same(api: ApiClient) -> None:
    first = put(api).headers["ETag"]
    assert api.get(JOB).headers["ETag"] == put(api).headers["ETag"] == first
    second = patch(api, {"ttl_seconds": 61}).headers["ETag"]
    third = api.send_json("POST", f"{JOB}/pause", {"reason": "x"}).headers["ETag"]
    api.send("DELETE", JOB)
    fourth = put(api).headers["ETag"]
    assert len({first, second, third, fourth}) == 4


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_what_was_not_read_is_refused(api: ApiClient, method: str) -> None:
    read = put(api).headers["ETag"]
    changed = put(api, ttl_seconds=61)
    body = json.dumps(job_body(ttl_seconds=62)).encode()
    refused = api.send(method, JOB, body, headers={"if-match": read})
    assert (refused.status, refused.document["code"]) == (412, "PreconditionFailed")
    assert changed.headers["ETag"] in refused.document["message"]
    assert api.get(JOB).document == changed.document
    taken = api.send(method, JOB, body, headers={"if-match": f'"other", {changed.headers["ETag"]}'})
    assert taken.status in (200, 204)


@pytest.mark.parametrize("tag", ["*", '"any"'])
def test_nothing_matches_where_there_is_no_job(api: ApiClient, tag: str) -> None:
    assert put(api, {"if-match": tag}).status == 412
    assert api.get(JOB).status == 404


def test_a_job_may_be_asked_to_be_new(api: ApiClient) -> None:
    new = {"if-none-match": "*"}
    assert put(api, new).status == 201
    assert put(api, new).status == 412
    assert put(api, {"if-match": "*"}, ttl_seconds=61).status == 200


def test_a_job_may_be_asked_to_be_unlike_what_is_known(api: ApiClient) -> None:
    tag = put(api).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other-1", {tag}'):
        assert put(api, {"if-none-match": known}, ttl_seconds=61).status == 412
    assert put(api, {"if-none-match": '"other-1"'}, ttl_seconds=61).status == 200


# --- dry_run ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_shows_the_next_ten_times_and_stores_nothing(api: ApiClient, backend: MemoryBackend) -> None:
    body = json.dumps(job_body(schedule="cron(0 9 * * ? *)")).encode()
    plan = api.send("PUT", f"{JOB}?dry_run=true", body)
    assert plan.status == 200
    assert (plan.document["dry_run"], plan.document["created"], plan.document["changed"]) == (True, True, True)
    assert plan.document["job"]["schedule"] == "cron(0 9 * * ? *)"
    times = [one["scheduled_time"] for one in plan.document["upcoming"]]
    assert (times[0], times[-1], len(times)) == ("2026-11-21T09:00:00Z", "2026-11-30T09:00:00Z", 10)
    assert backend.memory.rows.jobs == {}
    assert backend.memory.rows.schedules == {}
    assert backend.rules.puts == []


def test_a_dry_run_of_a_patch_shows_what_it_would_make(api: ApiClient) -> None:
    stored = put(api).document
    reply = api.send("PATCH", f"{JOB}?dry_run=true", b'{"enabled": false}', MERGE_PATCH).document
    assert (reply["created"], reply["changed"], reply["upcoming"]) == (False, True, [])
    assert (reply["job"]["enabled"], reply["job"]["version"]) == (False, 2)
    assert api.get(JOB).document == stored
    same = api.send("PATCH", f"{JOB}?dry_run=true", b"{}", MERGE_PATCH).document
    assert (same["changed"], same["job"]) == (False, stored)


def test_a_dry_run_refuses_what_the_real_one_would(api: ApiClient) -> None:
    put(api)
    dry = f"{JOB}?dry_run=true"
    assert api.send("PUT", dry, b'{"ttl_seconds": 0}').status == 400
    assert api.send("PUT", dry, json.dumps(job_body()).encode(), headers={"if-none-match": "*"}).status == 412


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=", "dryrun=true"])
def test_a_dry_run_that_is_misspelt_stores_nothing(api: ApiClient, backend: MemoryBackend, query: str) -> None:
    reply = api.send("PUT", f"{JOB}?{query}", json.dumps(job_body()).encode())
    assert (reply.status, reply.document["code"]) == (400, "InvalidQuery")
    assert backend.memory.rows.jobs == {}
