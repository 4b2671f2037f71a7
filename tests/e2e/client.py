"""A client of the API as a person has it: JSON over HTTP, and curl."""

import http.client
import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.patience import PATIENCE_SECONDS

Value = TypeVar("Value")


@dataclass(frozen=True)
class Reply:
    status: int
    document: Any


def call(method: str, url: str, document: object = None) -> Reply:
    """Send a request on a connection of its own."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
    try:
        body = None if document is None else json.dumps(document)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        return Reply(response.status, json.loads(text) if text else None)
    finally:
        connection.close()


def curl(*arguments: str) -> Reply:
    """What curl prints for these arguments."""
    command = ["curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    text, _, status = done.stdout.rpartition("\n")
    return Reply(int(status), json.loads(text) if text else None)


def until(look: Callable[[], Value | None], within_seconds: float = PATIENCE_SECONDS) -> Value:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


def until_status(server_url: str, execution_id: str, status: str) -> dict[str, Any]:
    """The execution, once it has that status."""

    def look() -> dict[str, Any] | None:
        document: dict[str, Any] = call("GET", f"{server_url}/executions/{execution_id}").document
        return document if document["status"] == status else None

    return until(look)
