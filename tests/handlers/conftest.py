"""The app over a backend in memory."""

import pytest
from chalice.app import Chalice

from chalicelib import wiring
from chalicelib.handlers.api import register
from tests.fakes.backend import MemoryBackend
from tests.handlers.client import ApiClient


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> MemoryBackend:
    memory = MemoryBackend()
    monkeypatch.setattr(wiring, "_installed", None)
    wiring.use(memory)
    return memory


@pytest.fixture
def app(backend: MemoryBackend) -> Chalice:
    app = Chalice(app_name="jobhook-test", configure_logs=False, env={})
    register(app)
    return app


@pytest.fixture
def api(app: Chalice) -> ApiClient:
    return ApiClient(app)
