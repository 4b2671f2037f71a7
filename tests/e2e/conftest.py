from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.service import Service, service
from tests.ports import own_port


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a server keeps its data; empty."""
    return tmp_path / "data"


@pytest.fixture
def port() -> int:
    """Where the servers of a test listen, one after the other: callback URLs name it."""
    return own_port()


@pytest.fixture
def owner() -> Iterator[Service]:
    with service() as listening:
        yield listening
