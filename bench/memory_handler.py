"""`python -m bench.memory_handler dispatch EVENTS`: runs a Lambda handler on its events in this fresh process.

Prints a line of JSON: peak resident memory (MB), the CPU seconds of import and first call and of the last, warm call,
and what the last call returned.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda hands to a handler beside the event."""

    aws_request_id: str = "00000000-0000-0000-0000-000000000000"
    function_name: str = "bench"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:bench"


def main() -> None:
    """Measure."""
    name, events = sys.argv[1], json.loads(Path(sys.argv[2]).read_text())
    began = time.process_time()
    import app

    handler = app.app if name == "api_handler" else getattr(app, name)
    handler(events[0], Context())
    first = time.process_time()
    answer = None
    for event in events[1:]:
        warm = time.process_time()
        answer = handler(event, Context())
    ended = time.process_time()
    measured = {"peak_mb": _peak_mb(), "cold_s": first - began, "warm_s": ended - warm, "answer": answer}
    print(json.dumps(measured), file=sys.stderr)


def _peak_mb() -> float:
    """Of this program alone: what the resource module tells counts the one before it too."""
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
