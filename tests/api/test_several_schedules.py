"""Jobs on several schedules."""

import json

import pytest

from tests.api.client import ApiClient, Reply
from tests.api.job_bodies import job_body

JOB = "/services/reports/jobs/nightly"
NINE, TEN, HOURLY = "cron(0 9 * * ? *)", "cron(0 10 * * ? *)", "rate(1 hour)"


def put(api: ApiClient, **fields: object) -> Reply:
    body = job_body(**fields)
    if "schedule" not in fields:
        del body["schedule"]
    return api.send_json("PUT", JOB, body)


def patch(api: ApiClient, document: object) -> Reply:
    return api.send("PATCH", JOB, json.dumps(document).encode(), "application/merge-patch+json")


def schedules(reply: Reply) -> tuple[object, object]:
    return reply.document["schedule"], reply.document["schedules"]


def test_they_are_shown_with_the_first_by_itself(api: ApiClient) -> None:
    reply = put(api, schedules=[NINE, HOURLY])
    assert (reply.status, *schedules(reply)) == (201, NINE, [NINE, HOURLY])
    assert schedules(api.get(JOB)) == (NINE, [NINE, HOURLY])
    listed = api.get("/schedules").document["results"]
    assert [(one["schedule"], one["jobs"]) for one in listed] == [(NINE, 1), (HOURLY, 1)]
    assert api.get("/why?job=reports/nightly&at=2026-11-22T09:00:00Z").document["schedules"] == [NINE, HOURLY]


def test_what_a_get_shows_may_be_put_back(api: ApiClient) -> None:
    shown = put(api, schedules=[NINE, HOURLY]).document
    again = put(api, schedule=shown["schedule"], schedules=shown["schedules"])
    assert (again.status, again.document) == (200, shown)
    assert put(api, schedule=NINE).document["schedules"] == [NINE]
    assert put(api, schedule=NINE, schedules=[NINE]).document["version"] == 2


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["schedule"]),
        ({"schedule": None}, ["schedule"]),
        ({"schedules": None}, ["schedule"]),
        ({"schedules": []}, ["schedules"]),
        ({"schedules": NINE}, ["schedules"]),
        ({"schedules": [NINE, "hourly", 5, TEN]}, ["schedules.1", "schedules.2"]),
        ({"schedules": [NINE, TEN, NINE]}, ["schedules"]),
        ({"schedules": [f"rate({number} hours)" for number in range(2, 13)]}, ["schedules"]),
        ({"schedule": NINE, "schedules": [TEN, NINE]}, ["schedules"]),
        ({"schedule": "at(2027-01-01T00:00:00)", "schedules": [HOURLY]}, ["schedule", "schedules"]),
    ],
)
def test_what_they_may_not_be_is_named(api: ApiClient, fields: dict[str, object], names: list[str]) -> None:
    reply = put(api, **fields)
    assert (reply.status, reply.document["code"]) == (400, "InvalidSchedule")
    assert sorted(problem["field"] for problem in reply.document["errors"]) == names


def test_all_problems_are_listed_with_those_of_other_fields(api: ApiClient) -> None:
    reply = put(api, ttl_seconds=0)
    assert (reply.status, reply.document["code"]) == (400, "InvalidJob")
    assert [problem["field"] for problem in reply.document["errors"]] == ["schedule", "ttl_seconds"]


def test_one_that_never_comes_due_is_named(api: ApiClient) -> None:
    reply = put(api, schedules=[NINE, "cron(0 12 30 2 ? *)"])
    assert (reply.status, reply.document["code"]) == (422, "InvalidSchedule")
    assert reply.document["message"].startswith("schedule: cron(0 12 30 2 ? *) never comes due again")


def test_a_dry_run_shows_the_times_of_all(api: ApiClient) -> None:
    body = job_body(schedules=[TEN, NINE])
    del body["schedule"]
    planned = api.send_json("PUT", f"{JOB}?dry_run=true", body).document
    assert [one["schedule"] for one in planned["upcoming"]][:4] == [NINE, TEN, NINE, TEN]
    assert api.get("/schedules").document["results"] == []


def test_a_patch_of_schedules_takes_the_place_of_whatever_there_was(api: ApiClient) -> None:
    put(api, schedule=NINE)
    assert schedules(patch(api, {"schedules": [TEN, NINE]})) == (TEN, [TEN, NINE])
    assert schedules(patch(api, {"ttl_seconds": 90})) == (TEN, [TEN, NINE])
    assert schedules(patch(api, {"schedule": TEN})) == (TEN, [TEN, NINE])
    assert schedules(patch(api, {"schedules": [HOURLY]})) == (HOURLY, [HOURLY])
    assert schedules(patch(api, {"schedules": None})) == (HOURLY, [HOURLY])


@pytest.mark.parametrize("schedule", [HOURLY, NINE, None])
def test_one_schedule_is_no_patch_of_several(api: ApiClient, schedule: str | None) -> None:
    put(api, schedules=[TEN, NINE])
    reply = patch(api, {"schedule": schedule})
    assert (reply.status, reply.document["code"]) == (400, "InvalidSchedule")
    assert reply.document["message"] == (
        "schedule: the job has 2 schedules: give `schedules` with all that it is to have"
    )
    assert schedules(patch(api, {"schedule": HOURLY, "schedules": None})) == (HOURLY, [HOURLY])


def test_schedules_cannot_be_taken_away(api: ApiClient) -> None:
    put(api, schedules=[TEN, NINE])
    assert patch(api, {"schedules": None}).document["errors"] == [{"field": "schedule", "message": "is required"}]
