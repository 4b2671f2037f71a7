"""The capturing server, one for each module."""

from collections.abc import Iterator
from threading import Thread

import pytest

from .capture import CaptureServer


@pytest.fixture(scope="module")
def server() -> Iterator[CaptureServer]:
    with CaptureServer() as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()
