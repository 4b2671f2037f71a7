"""`python -m examples.run` as a process: it starts everything, and a signal stops everything."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

ROOT = Path(__file__).resolve().parents[2]


def start(data: Path, port: int, service_port: int) -> "subprocess.Popen[str]":
    command = (sys.executable, "-m", "examples.run", "--data", str(data))
    ports = ("--port", str(port), "--service-port", str(service_port))
    return subprocess.Popen([*command, *ports], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def lines_until(running: "subprocess.Popen[str]", text: str) -> str:
    assert running.stdout is not None
    read = ""
    for line in running.stdout:
        read += line
        if text in line:
            return read
    pytest.fail(f"it ended without saying {text!r}: {read}")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_everything_and_a_signal_stops_it(tmp_path: Path, signal_number: signal.Signals) -> None:
    port, service_port = own_port(), own_port()
    running = start(tmp_path / "data", port, service_port)
    shown = lines_until(running, "Ctrl-C stops everything")
    assert f"curl http://localhost:{port}/services/example/jobs/report/executions" in shown
    assert "\x1b" not in shown
    holder = int((tmp_path / "data" / "holder").read_text().split()[1])
    running.send_signal(signal_number)
    rest, _ = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 0
    assert "Traceback" not in shown + rest
    with pytest.raises(ProcessLookupError):
        os.kill(holder, 0)


def test_it_starts_again_on_the_same_data(tmp_path: Path) -> None:
    for _ in range(2):
        running = start(tmp_path, own_port(), own_port())
        lines_until(running, "Ctrl-C stops everything")
        running.terminate()
        running.communicate(timeout=PATIENCE_SECONDS)
        assert running.returncode == 0


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, taken_port: int) -> None:
    running = start(tmp_path, taken_port, own_port())
    said, _ = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 1
    assert said == f"examples.run: port {taken_port} is taken; choose another one: --port N, or make run PORT=N\n"


def test_data_in_use_ends_it_with_the_servers_own_words(tmp_path: Path) -> None:
    first = start(tmp_path, own_port(), own_port())
    lines_until(first, "Ctrl-C stops everything")
    second = start(tmp_path, own_port(), own_port())
    said, _ = second.communicate(timeout=PATIENCE_SECONDS)
    first.terminate()
    first.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 1
    assert "is in use by process" in said
    assert "the server ended by itself with exit code 1" in said
    assert "Traceback" not in said
