"""The fakes are what they stand for."""

from jobhook.ports import Backend
from tests.fakes.backend import MemoryBackend


def test_the_memory_backend_is_a_backend() -> None:
    backend: Backend = MemoryBackend()
    assert backend.clock.now_ms() > 0
