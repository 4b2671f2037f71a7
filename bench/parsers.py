"""How long 10 kB of garbage keep each parser busy (`make bench-parsers`); the aim is 5 ms for each."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from functools import partial

from jobhook.api.bodies.actions import parse_pause, parse_run
from jobhook.api.bodies.callback import parse_callback
from jobhook.api.bodies.job import parse_job
from jobhook.api.bodies.patch import parse_patch
from jobhook.core.errors import JobhookError
from jobhook.core.executions.tokens import parse_token
from jobhook.core.identities import ExecutionKey, is_name
from jobhook.core.jobs.settings_document import merged
from jobhook.core.paging import decode_cursor
from jobhook.core.schedules.expression import ScheduleError, parse
from jobhook.core.times import parse_instant

LENGTH = 10_000
ROUNDS = 20
AIM_MS = 5
JSON = "application/json"

TEXTS = {
    "letters": "a" * LENGTH,
    "digits": "9" * LENGTH,
    "names": "a-" * (LENGTH // 2),
    "no ascii": "\u0663" * (LENGTH // 2),
    "a cron's list": f"cron({'0,' * (LENGTH // 2 - 10)}0 9 * * ? *)",
    "a cron's ranges": f"cron({'0-59/1,' * (LENGTH // 7 - 3)}0 9 * * ? *)",
    "a rate": f"rate({'1' * (LENGTH - 20)} minutes)",
    "a cursor": base64.urlsafe_b64encode(("[" * (LENGTH * 3 // 4)).encode()).decode(),
    "an execution's id": f"{'0' * 8}-{'0' * 4}-" * (LENGTH // 14),
}
BODIES = {
    "open brackets": b"[" * LENGTH,
    "open objects": b'{"a":' * (LENGTH // 5),
    "a long number": b'{"ttl_seconds":' + b"9" * LENGTH + b"}",
    "many fields": json.dumps({f"f{number}": number for number in range(LENGTH // 14)}).encode(),
    "escapes": b'{"payload":"' + b"\\u00e9" * (LENGTH // 6) + b'"}',
    "bytes": bytes(range(256)) * (LENGTH // 256),
    "a deep schema": b'{"state_schema":' + b'{"not":' * (LENGTH // 8) + b"{}" + b"}" * (LENGTH // 8) + b"}",
    "deep schemas": json.dumps(
        {"state_schema": {"anyOf": [json.loads('{"not":' * 120 + "{}" + "}" * 120)] * (LENGTH // 1_000)}}
    ).encode(),
    "a broad schema": json.dumps({"state_schema": {"anyOf": [{"type": "string"}] * (LENGTH // 20)}}).encode(),
    "many schemas": json.dumps({"state_schema": {"anyOf": [{}] * (LENGTH // 4)}}).encode(),
    "many patterns": json.dumps(
        {"state_schema": {"anyOf": [{"pattern": "(" * number + ")" * number} for number in range(100)]}}
    ).encode(),
}
OF_TEXTS: Mapping[str, Callable[[str], object]] = {
    "schedule": parse,
    "instant": parse_instant,
    "name": is_name,
    "cursor": lambda text: decode_cursor(text, (int, str)),
    "execution id": ExecutionKey.parse,
    "callback token": lambda text: parse_token("0" * 36, text),
}
OF_BODIES: Mapping[str, Callable[[bytes], object]] = {
    "PUT": lambda body: parse_job("a", "b", JSON, body, 0),
    "PATCH": lambda body: merged({}, parse_patch(JSON, body).document),
    "callback": lambda body: parse_callback(JSON, body),
    "run": lambda body: parse_run(JSON, body),
    "pause": lambda body: parse_pause(JSON, body, 0),
}


def milliseconds(parser: Callable[[], object]) -> float:
    """The fastest of some rounds: what the parser itself takes, whatever else the machine does."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        try:
            parser()
        except (JobhookError, ScheduleError, ValueError):
            pass  # that it is refused is what is timed
        best = min(best, time.perf_counter() - began)
    return best * 1_000


def main() -> None:
    """Print the slowest text or body of each parser."""
    timed = {
        name: {kind: milliseconds(partial(parser, text)) for kind, text in TEXTS.items()}
        for name, parser in OF_TEXTS.items()
    }
    timed |= {
        name: {kind: milliseconds(partial(parser, body)) for kind, body in BODIES.items()}
        for name, parser in OF_BODIES.items()
    }
    for name, kinds in timed.items():
        kind = max(kinds, key=kinds.__getitem__)
        print(f"{name:15} {kinds[kind]:8.3f} ms  {kind}{'' if kinds[kind] <= AIM_MS else '  beyond the aim'}")


if __name__ == "__main__":
    main()
