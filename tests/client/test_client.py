"""`jobhook.Client` as a program uses it."""

import subprocess
import sys
from datetime import UTC, datetime

import httpx2
import pytest

import jobhook as public
from jobhook import ApiError, Client, Denied, JobhookError, JobSettings, NotFound, Refused, Unreachable
from jobhook.client.errors import Unavailable
from jobhook.client.transport import RetryPolicy
from tests.client.conftest import Wire
from tests.fakes.backend import MemoryBackend
from tests.fakes.flow import started

NIGHTLY: JobSettings = {
    "schedule": "cron(0 6 * * ? *)",
    "invocation_target": "https://reports.example.com/hooks",
    "ttl_seconds": 60,
    "payload": "ünïcode ✓",
}


def test_a_job_is_put_read_listed_and_deleted(jobhook: Client) -> None:
    put = jobhook.put_job("reports", "nightly", NIGHTLY)
    assert (put["version"], put["payload"]) == (1, "ünïcode ✓")
    assert jobhook.get_job("reports", "nightly") == put
    assert [job["job_name"] for job in jobhook.list_jobs("reports")] == ["nightly"]
    assert list(jobhook.list_services()) == [{"service_name": "reports", "jobs": 1}]
    jobhook.delete_job("reports", "nightly")
    assert list(jobhook.list_jobs()) == []


def test_listings_go_on_over_their_pages(jobhook: Client, wire: Wire) -> None:
    names = [f"job-{number}" for number in range(5)]
    for name in names:
        jobhook.put_job("reports", name, NIGHTLY)
    wire.requests.clear()
    assert [job["job_name"] for job in jobhook.list_jobs(page_size=2)] == names
    assert len(wire.requests) >= 3


def test_pages_are_fetched_only_when_they_are_needed(jobhook: Client, wire: Wire) -> None:
    for number in range(5):
        jobhook.put_job("reports", f"job-{number}", NIGHTLY)
    wire.requests.clear()
    next(jobhook.list_jobs(page_size=2))
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ((), "/executions"),
        (("reports",), "/services/reports/executions"),
        (("reports", "nightly"), "/services/reports/jobs/nightly/executions"),
    ],
)
def test_filters_of_executions_reach_the_api(
    jobhook: Client, wire: Wire, arguments: tuple[str, ...], path: str
) -> None:
    jobhook.put_job("reports", "nightly", NIGHTLY)
    since = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert list(jobhook.list_executions(*arguments, status="failed", since=since, until=1_795_249_458_887)) == []
    url = wire.requests[-1].url
    assert url.path == path
    assert dict(url.params) == {
        "status": "failed",
        "since": "2026-11-20T14:30:00.000Z",
        "until": "1795249458887",
        "limit": "200",
    }


async def test_an_execution_is_read_with_its_payload(jobhook: Client, backend: MemoryBackend) -> None:
    run = await started(backend)
    found = jobhook.get_execution(run.execution_id)
    assert found["status"] == "running"
    assert "payload" in found
    (listed,) = jobhook.list_executions(status="running")
    assert listed["id"] == found["id"]


def test_a_naive_datetime_is_refused(jobhook: Client) -> None:
    with pytest.raises(ValueError, match="time zone"):
        list(jobhook.list_executions(since=datetime(2026, 1, 1)))  # noqa: DTZ001 - what is tested


def test_a_job_without_its_service_is_refused(jobhook: Client) -> None:
    with pytest.raises(ValueError, match="service"):
        list(jobhook.list_executions(job="nightly"))


def test_what_does_not_exist_is_not_found(jobhook: Client) -> None:
    with pytest.raises(NotFound) as found:
        jobhook.get_job("reports", "nightly")
    assert (found.value.status, found.value.code) == (404, "JobNotFound")
    assert found.value.message == "service 'reports' has no job 'nightly'"


def test_all_problems_of_a_body_are_on_the_error(jobhook: Client) -> None:
    wrong: JobSettings = {"schedule": "hourly", "invocation_target": "x", "ttl_seconds": 0}
    with pytest.raises(Refused) as refused:
        jobhook.put_job("reports", "nightly", wrong)
    assert [problem.field for problem in refused.value.problems] == ["invocation_target", "schedule", "ttl_seconds"]


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_change_the_path_is_refused(jobhook: Client, wire: Wire, name: str) -> None:
    with pytest.raises(JobhookError):
        jobhook.get_job("reports", name)
    assert not wire.requests


def test_any_other_name_is_one_segment_of_the_path(jobhook: Client, wire: Wire) -> None:
    with pytest.raises(ApiError):
        jobhook.get_job("a/../b", "c?d#e")
    assert wire.requests[0].url.raw_path == b"/services/a%2F..%2Fb/jobs/c%3Fd%23e"


@pytest.mark.parametrize("trouble", [[0], [503], [0, 503, 0]])
def test_reads_and_puts_are_tried_again(jobhook: Client, wire: Wire, trouble: list[int]) -> None:
    wire.trouble = list(trouble)
    jobhook.put_job("reports", "nightly", NIGHTLY)
    wire.trouble = list(trouble)
    assert jobhook.get_job("reports", "nightly")["version"] == 1
    assert len(wire.pauses) == 2 * len(trouble)


def test_a_pause_is_what_the_server_asked_for(jobhook: Client, wire: Wire) -> None:
    wire.trouble = [503]
    list(jobhook.list_jobs())
    assert wire.pauses == [3.0]


def test_a_delete_is_sent_once(jobhook: Client, wire: Wire) -> None:
    wire.trouble = [0]
    with pytest.raises(Unreachable):
        jobhook.delete_job("reports", "nightly")
    assert len(wire.requests) == 1


@pytest.mark.parametrize(("trouble", "error"), [(0, Unreachable), (503, Unavailable)])
def test_trying_again_ends(jobhook: Client, wire: Wire, trouble: int, error: type[JobhookError]) -> None:
    wire.trouble = [trouble] * 10
    with pytest.raises(error, match=r"jobhook\.test|later"):
        list(jobhook.list_jobs())
    assert len(wire.requests) == 4


def answering(response: httpx2.Response) -> Client:
    return Client("http://jobhook.test", transport=httpx2.MockTransport(lambda _: response))


def test_api_gateways_own_refusal_is_understood() -> None:
    answer = httpx2.Response(
        403, headers={"x-amzn-ErrorType": "AccessDeniedException"}, json={"Message": "User is not authorized"}
    )
    with answering(answer) as client, pytest.raises(Denied, match="AccessDeniedException: User is not authorized"):
        client.get_job("reports", "nightly")


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_an_answer_that_is_not_jobhooks_says_so(status: int) -> None:
    with answering(httpx2.Response(status, text="<html>")) as client, pytest.raises(ApiError, match="right one"):
        client.get_job("reports", "nightly")


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "/jobs"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(JobhookError, match="URL"):
        Client(url)


def test_a_stage_in_the_url_is_kept() -> None:
    seen: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(200, json={"results": [], "next_cursor": None})

    with Client("https://x.example/api/", transport=httpx2.MockTransport(handle)) as client:
        list(client.list_services())
    assert seen == ["https://x.example/api/services?limit=200"]


def test_pauses_grow_and_have_a_bound() -> None:
    patience = RetryPolicy(first_pause_seconds=1)
    assert 0.5 <= patience.pause_seconds(1, None) <= 1.5
    assert 2 <= patience.pause_seconds(3, None) <= 6
    assert patience.pause_seconds(1, "3600") == 10
    assert patience.pause_seconds(1, "Wed, 21 Oct 2026 07:28:00 GMT") <= 1.5


def test_every_public_name_is_there() -> None:
    assert all(getattr(public, name) is not None for name in public.__all__)
    assert set(public.__all__) <= set(dir(public))
    with pytest.raises(AttributeError):
        public.nothing  # noqa: B018 - the access is what is tested


def test_importing_jobhook_imports_no_library() -> None:
    heavy = {"httpx2", "botocore", "pydantic", "asyncio", "ssl", "typer"}
    check = f"import sys, jobhook; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_receiver_needs_only_the_standard_library() -> None:
    check = (
        "import sys; before = set(sys.modules); from jobhook import callback; "
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['jobhook']"
