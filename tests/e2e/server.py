"""The server as a process of its own, as a person starts it."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

JOBHOOK = str(Path(sys.executable).with_name("jobhook"))


class ServerProcess:
    """`jobhook serve` on `data` and a port of its own; what it says goes to `said`."""

    def __init__(self, data: Path, *options: str, port: int | None = None) -> None:
        self.port = port or own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        data.mkdir(exist_ok=True)
        self._reported_fields = data.parent / f"said-{self.port}-{len(list(data.parent.iterdir()))}"
        command = [JOBHOOK, "serve", "--port", str(self.port), "--data", str(data), *options]
        with self._reported_fields.open("wb") as said:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=said, env={**os.environ, "TERMINAL_WIDTH": "200"}
            )

    def says(self, words: str) -> str:
        """Wait until it prints a line with these words; the line."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if words in line.decode():
                return line.decode()
        raise AssertionError(f"the server ended without saying {words!r}: {self.said}")

    def serves(self) -> "ServerProcess":
        """Wait until it serves."""
        self.says("Jobhook serves")
        return self

    @property
    def said(self) -> str:
        """What it wrote to its standard error."""
        return self._reported_fields.read_text()

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()
        self._wait()

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code."""
        self._process.send_signal(with_signal)
        return self._wait()

    def ends(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._wait()

    def clean_up(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._wait()

    def _wait(self) -> int:
        code = self._process.wait(PATIENCE_SECONDS)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


@contextmanager
def serving(data: Path, *options: str, port: int | None = None) -> Iterator[ServerProcess]:
    """A server that serves, and is gone after the block."""
    server = ServerProcess(data, *options, port=port)
    try:
        yield server.serves()
    finally:
        server.clean_up()
