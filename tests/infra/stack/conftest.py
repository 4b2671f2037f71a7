"""The package to be proven: `make verify-aws` names its directory."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.template.intrinsics import Json
from tests.infra.stack.deployment import Deployment, in_moto
from tests.infra.stack.jobs import Jobs

PACKAGE = "JOBHOOK_PACKAGE"
"""The environment variable that names the directory of `expanded.json` and `deployment.zip`."""


@pytest.fixture(scope="session")
def package() -> Path:
    return Path(os.environ[PACKAGE])


@pytest.fixture(scope="session")
def expanded(package: Path) -> Json:
    document: Json = json.loads((package / "expanded.json").read_text())
    return document


@pytest.fixture
def account(expanded: Json, package: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    """An account without the stack."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with in_moto(expanded, (package / "deployment.zip").read_bytes()) as deployment:
        yield deployment


@pytest.fixture
def jobs(account: Deployment) -> Iterator[Jobs]:
    """The deployed stack, with a service that listens."""
    account.create()
    with Jobs.of(account) as jobs:
        yield jobs
