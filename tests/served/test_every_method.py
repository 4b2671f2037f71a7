"""Each method of the client, over each backend; and each route of the API has one."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from jobhook import ApiError, Client, Conflict, NotFound
from jobhook.api.routes import ROUTES as API_ROUTES
from tests.served.world import FIRED, SCHEDULE, World, far_from_now

Case = Callable[[Client, World], None]
CASES: dict[str, Case] = {}
ROUTES: set[tuple[str, str]] = set()
NOT_FOR_CLIENTS = {("POST", "/callback/{guid}/{token}"), ("GET", "/openapi.json")}
JOB = "/services/{service}/jobs/{job}"


def case(method: str, *routes: str) -> Callable[[Case], Case]:
    def register_case(test: Case) -> Case:
        CASES[method] = test
        ROUTES.update((verb, path) for verb, path in (route.split() for route in routes))
        return test

    return register_case


@case("put_job", f"PUT {JOB}")
def _(client: Client, world: World) -> None:
    assert client.put_job("reports", "nightly", world.settings(), if_absent=True)["version"] == 1
    with pytest.raises(Conflict, match="already"):
        client.put_job("reports", "nightly", world.settings(), if_absent=True)
    etag = client.get_tagged_job("reports", "nightly").etag
    assert client.put_job("reports", "nightly", world.settings(ttl_seconds=61), if_match=etag)["version"] == 2
    with pytest.raises(Conflict, match="has changed"):
        client.put_job("reports", "nightly", world.settings(), if_match=etag)


@case("patch_job", f"PATCH {JOB}")
def _(client: Client, world: World) -> None:
    world.put(payload="to: team")
    etag = client.get_tagged_job("reports", "nightly").etag
    patched = client.patch_job("reports", "nightly", {"ttl_seconds": 61, "payload": None}, if_match=etag)
    assert (patched["ttl_seconds"], patched["payload"], patched["schedule"]) == (61, None, SCHEDULE)
    with pytest.raises(Conflict):
        client.patch_job("reports", "nightly", {"enabled": False}, if_match=etag)


@case("plan_put_job")
def _(client: Client, world: World) -> None:
    plan = client.plan_put_job("reports", "nightly", world.settings())
    assert (plan["created"], len(plan["upcoming"])) == (True, 10)
    assert list(client.list_jobs()) == []


@case("plan_patch_job")
def _(client: Client, world: World) -> None:
    world.put()
    assert client.plan_patch_job("reports", "nightly", {"ttl_seconds": 61})["job"]["ttl_seconds"] == 61
    with pytest.raises(Conflict):
        client.plan_patch_job("reports", "nightly", {}, if_match='"another"')
    assert client.get_job("reports", "nightly")["version"] == 1


@case("get_job", f"GET {JOB}")
@case("get_tagged_job")
def _(client: Client, world: World) -> None:
    world.put(payload="to: team")
    job, etag = client.get_tagged_job("reports", "nightly")
    assert job == client.get_job("reports", "nightly")
    assert (job["payload"], job["pause"]) == ("to: team", None)
    assert etag.endswith('-1"')


@case("delete_job", f"DELETE {JOB}")
def _(client: Client, world: World) -> None:
    world.put()
    with pytest.raises(Conflict):
        client.delete_job("reports", "nightly", if_match='"another"')
    client.delete_job("reports", "nightly", if_match=client.get_tagged_job("reports", "nightly").etag)
    with pytest.raises(NotFound):
        client.get_job("reports", "nightly")


@case("pause_job", f"POST {JOB}/pause")
@case("resume_job", f"POST {JOB}/resume")
def _(client: Client, world: World) -> None:
    world.put()
    until = datetime.now(UTC) + timedelta(hours=2)
    pause = client.pause_job("reports", "nightly", "moving", until)["pause"]
    assert pause is not None
    assert (pause["reason"], pause["until_ms"]) == ("moving", int(until.timestamp() * 1_000))
    assert client.resume_job("reports", "nightly")["pause"] is None


@case("list_jobs", "GET /jobs", "GET /services/{service}/jobs")
@case("list_services", "GET /services")
def _(client: Client, world: World) -> None:
    world.put()
    client.put_job("billing", "invoices", world.settings())
    assert [job["job_name"] for job in client.list_jobs(page_size=1)] == ["invoices", "nightly"]
    assert [job["job_name"] for job in client.list_jobs("reports")] == ["nightly"]
    assert [service["service_name"] for service in client.list_services(page_size=1)] == ["billing", "reports"]


@case("list_upcoming", f"GET {JOB}/upcoming", "GET /upcoming")
def _(client: Client, world: World) -> None:
    at = far_from_now()
    world.put(schedule=f"cron(0 {int(at[:2])} * * ? *)")
    times = [one["scheduled_time"][11:] for one in islice(client.list_upcoming("reports", "nightly", page_size=2), 5)]
    assert times == [f"{at}:00Z"] * 5
    assert len(list(client.list_upcoming(until=datetime.now(UTC) + timedelta(days=3)))) == 3
    with pytest.raises(ValueError, match="give both"):
        client.list_upcoming("reports")


@case("run_job", f"POST {JOB}/run")
def _(client: Client, world: World) -> None:
    world.put(payload="to: team", exclusive=True)
    assert client.run_job("reports", "nightly")["payload"] == "to: team"
    world.webhook()
    beside = client.run_job("reports", "nightly", payload=None, overlap="allow")
    assert (beside["payload"], beside["trigger"]) == (None, "run")
    assert world.webhook(2)["execution_id"] == beside["id"]


@case("cancel_execution", "POST /executions/{execution_id}/cancel")
def _(client: Client, world: World) -> None:
    execution_id = world.running()["execution_id"]
    assert client.cancel_execution(execution_id)["status"] == "cancelled"
    assert client.cancel_execution(execution_id)["status"] == "cancelled"
    with pytest.raises(ApiError) as refused:
        client.cancel_execution(world.failed_again())
    assert refused.value.status == 410


@case("retry_execution", "POST /executions/{execution_id}/retry")
def _(client: Client, world: World) -> None:
    failed = world.failed()
    retried = client.retry_execution(failed)
    assert (retried["trigger"], retried["retry_of"]) == ("retry", failed)
    assert client.get_execution(failed)["retried_by"] == retried["id"]
    with pytest.raises(Conflict):
        client.retry_execution(failed)
    world.webhook(2)


@case("get_execution", "GET /executions/{execution_id}")
@case("list_executions", "GET /executions", "GET /services/{service}/executions", f"GET {JOB}/executions")
def _(client: Client, world: World) -> None:
    failed = client.get_execution(world.failed())
    assert (failed["status"], failed["error"]) == ("failed", "no orders.csv")
    for scope in ((), ("reports",), ("reports", "nightly")):
        newest = next(client.list_executions(*scope, status="failed", since=failed["scheduled_time_ms"]))
        assert newest["id"] == failed["id"]


@case("list_schedules", "GET /schedules")
def _(client: Client, world: World) -> None:
    world.put()
    client.put_job("reports", "hourly", world.settings(schedule=FIRED))
    listed = client.list_schedules(page_size=1)
    assert sorted(row["schedule"] for row in listed["results"]) == [SCHEDULE, FIRED]
    assert listed["quota"]["used"] == 2


@case("why", "GET /why")
def _(client: Client, world: World) -> None:
    world.put()
    assert client.why("reports", "nightly", datetime(2020, 1, 1, tzinfo=UTC))["verdict"] == "not_yet_made"


@case("health", "GET /health")
def _(client: Client, world: World) -> None:
    execution_id = world.running()["execution_id"]
    health = client.health(since=datetime.now(UTC) - timedelta(hours=2))
    assert health["status"] == "ok"
    assert health["newest_execution"] is not None
    assert health["newest_execution"]["id"] == execution_id


@case("test_job", f"POST {JOB}/test")
def _(client: Client, world: World) -> None:
    world.put(payload="to: team")
    report = client.test_job("reports", "nightly")
    assert (report["passed"], report["http_status"], report["response"]) == (True, 202, "started")
    assert world.webhook()["payload"] == "to: team"
    client.test_job("reports", "nightly", payload=None)
    assert (world.webhook(2)["payload"], world.webhook(2)["test"]) == (None, True)
    assert list(client.list_executions("reports", "nightly")) == []


@case("list_changes", f"GET {JOB}/changes", "GET /changes")
def _(client: Client, world: World) -> None:
    world.put()
    client.pause_job("reports", "nightly", "moving house")
    of_job = list(client.list_changes("reports", "nightly", page_size=1))
    assert of_job[0]["version"] == 2
    assert (of_job[0]["action"], of_job[0]["details"]["reason"]) == ("paused", "moving house")
    assert next(client.list_changes()) == of_job[0]
    with pytest.raises(ValueError, match="give both"):
        client.list_changes("reports")


@case("stats", "GET /stats")
def _(client: Client, world: World) -> None:
    world.failed()
    assert client.stats(["service", "status"], service="reports")["total"] >= 1


@pytest.mark.parametrize("method", CASES)
def test_it_works_on_every_backend(method: str, client: Client, world: World) -> None:
    CASES[method](client, world)


def test_no_method_is_left_out() -> None:
    methods = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert set(CASES) == methods - {"close"}


def test_every_route_has_a_method() -> None:
    routes = {(route.method, route.path) for route in API_ROUTES}
    assert routes - NOT_FOR_CLIENTS == ROUTES
