"""A client that a generator makes of the description, without a word from it, and that the running server answers."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tests.client.live import Live, live

PACKAGE = "generated_jobhook_client"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("generated")) as serving:
        yield serving


@pytest.fixture(scope="module")
def generated(server: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the client was generated to; any warning of the generator fails."""
    place = tmp_path_factory.mktemp("client")
    (place / "openapi.json").write_bytes(httpx2.get(f"{server.url}/openapi.json").content)
    (place / "generator.yaml").write_text("post_hooks: []")  # nobody reads it, so it needs no formatting
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", str(place / "openapi.json"), "--output-path", str(place / PACKAGE)),
            *("--config", str(place / "generator.yaml")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(place))
    yield place
    sys.path.remove(str(place))


def part(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


@pytest.fixture
def client(server: Live, generated: Path) -> Iterator[Any]:
    with part("client").Client(base_url=server.url) as made:
        yield made


def test_it_puts_reads_lists_and_is_told_what_is_wrong(client: Any) -> None:
    models = part("models")
    body = models.JobBody(
        invocation_target="http://127.0.0.1:9/", schedule="rate(5 minutes)", ttl_seconds=60, payload="ü"
    )
    put = part("api.jobs.put_job").sync(client=client, service="reports", job="nightly", body=body)
    assert isinstance(put, models.Job)
    assert (put.payload, put.version, put.pause) == ("ü", 1, None)
    assert part("api.jobs.get_job").sync(client=client, service="reports", job="nightly") == put
    page = part("api.jobs.list_service_jobs").sync(client=client, service="reports", limit=1)
    assert [(one.job_name, one.guid) for one in page.results] == [("nightly", put.guid)]
    planned = part("api.jobs.put_job").sync(client=client, service="reports", job="new", body=body, dry_run=True)
    assert isinstance(planned, models.PlannedJob)
    assert len(planned.upcoming) == 10
    patch = models.JobPatch(payload=None)
    assert part("api.jobs.patch_job").sync(client=client, service="reports", job="nightly", body=patch).payload is None
    run = part("api.actions.run_job").sync(client=client, service="reports", job="nightly")
    assert part("api.executions.get_execution").sync(client=client, execution_id=run.id).trigger == "run"
    missing = part("api.jobs.get_job").sync(client=client, service="reports", job="other")
    assert isinstance(missing, models.Error)
    assert missing.code == "JobNotFound"
    body.ttl_seconds = 0
    refused = part("api.jobs.put_job").sync_detailed(client=client, service="reports", job="nightly", body=body)
    assert refused.status_code == 400
    assert [problem.field for problem in refused.parsed.errors] == ["ttl_seconds"]


def test_every_operation_is_a_function_of_it(generated: Path, client: Any) -> None:
    from tests.api.openapi.described import description

    expected = sum(len(methods) for methods in description()["paths"].values())
    functions = [file for file in (generated / PACKAGE / "api").glob("*/*.py") if file.name != "__init__.py"]
    assert len(functions) == expected
