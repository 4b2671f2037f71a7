"""The API over a backend in memory."""

import pytest

from tests.api.client import ApiClient
from tests.chalicelib.local_gateway import ChaliceGateway
from tests.fakes.backend import MemoryBackend


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture
def api(backend: MemoryBackend) -> ApiClient:
    return ApiClient(backend)


@pytest.fixture
def gateway(backend: MemoryBackend) -> ChaliceGateway:
    return ChaliceGateway(lambda: backend)
