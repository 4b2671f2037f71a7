"""Clients of moto, which is not thread-safe."""

import threading
from collections.abc import Callable
from typing import cast


class OneAtATime:
    """A client whose calls wait for each other and for those of all other such clients.

    moto's DynamoDB loses writes otherwise, and its Step Functions stumbles over a run that is just being started.
    """

    _lock = threading.RLock()  # a queue's function is called inside the call that sends to it

    def __init__(self, client: object) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = cast(Callable[..., object], getattr(self._client, name))

        def call(**request: object) -> object:
            with self._lock:
                return method(**request)

        return call
