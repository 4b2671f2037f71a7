"""The documents' code is tried: commands answer as docs/api.md shows, Python compiles, links lead somewhere."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import aiohttp
import pytest

from jobhook.core.schedules.expression import parse
from tests.examples.documents import DOCUMENTS, ROOT, Block, Trial, blocks, trial
from tests.patience import PATIENCE_SECONDS
from tests.ports import own_port

API = ROOT / "docs" / "api.md"
EXACT = frozenset({"version", "ttl_seconds", "timeout_seconds", "http_status", "attempt", "n", "progress", "jobs"})
"""Numbers that do not depend on when the commands are pasted."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_and_json_are_well_formed(document: Path) -> None:
    for block in blocks(document):
        if block.language == "python":
            compile(block.text, f"{document}:{block.line}", "exec")
        if block.language == "json":
            json.loads(block.text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{document.name}: {target}"
        if anchor:
            assert anchor in _anchors(file), f"{document.name}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_schedules_are_ones_that_jobhook_takes(document: Path) -> None:
    for expression in re.findall(r"[`\"]((?:rate|cron)\([^.)`]+\))[`\"]", document.read_text(encoding="utf-8")):
        if "FEB" not in expression:  # the one that is wrong on purpose
            parse(expression)


async def test_the_api_answers_as_documented(tmp_path: Path) -> None:
    commands = _with_answers(list(blocks(API)))
    assert len(commands) >= 10
    async with trial(tmp_path) as tried:
        for command, documented in commands:
            if "$CALLBACK_URL" in command.text and not tried.webhooks:
                await tried.fire("rate(1 minute)")
            answer = await _run(tried, command)
            await tried.server.backend.workflows.idle()
            if documented is None:
                assert answer == "", f"line {command.line}"
            else:
                assert _shape(json.loads(answer)) == _shape(documented), f"line {command.line}: {answer}"
        assert _shape(tried.webhooks[0]) == _shape(json.loads(_block_with("callback_url").text))
        async with asyncio.timeout(10):
            message = await tried.messages.get()
        assert _shape(message) == _shape(json.loads(_block_with("event").text))


async def test_the_readmes_service_runs(tmp_path: Path) -> None:
    script = next(block.text for block in blocks(ROOT / "README.md") if "class Hooks" in block.text)
    async with trial(tmp_path) as tried, aiohttp.ClientSession(f"http://127.0.0.1:{tried.port}") as api:
        script = script.replace("localhost:8080", f"127.0.0.1:{tried.port}").replace("time.sleep(1)", "pass")
        script = script.replace("9000", str(own_port()))
        service = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stderr=asyncio.subprocess.PIPE)
        try:
            await _until(api, "/services/reports/jobs", "every-minute")
            await tried.fire("rate(1 minute)")
            success = await _until(api, "/executions?status=success", '"status":"success"')
        finally:
            service.terminate()
            _, said = await service.communicate()
        assert '"summary":"done"' in success
        assert '"progress":75' in success
        assert b"Traceback" not in said


async def _run(tried: Trial, command: Block) -> str:
    """What the command prints, with this trial's ports, and the variables as the text around it has them."""
    text = command.text.replace("localhost:8080", f"127.0.0.1:{tried.port}")
    text = text.replace("localhost:9000", f"127.0.0.1:{tried.service.port}")
    known = tried.webhooks[0] if tried.webhooks else {"execution_id": "", "callback_url": ""}
    names = {"ID": known["execution_id"], "CALLBACK_URL": known["callback_url"]}
    names["RUN_ID"] = tried.webhooks[-1]["execution_id"] if tried.webhooks else ""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        text.replace("curl ", "curl -sS ", 1),
        env={**os.environ, **names},
        stdout=asyncio.subprocess.PIPE,
    )
    answer, _ = await process.communicate()
    assert process.returncode == 0, f"line {command.line}"
    return answer.decode()


def _with_answers(found: list[Block]) -> list[tuple[Block, object]]:
    """Each command with the answer that follows it; None where none does."""
    commands = []
    for block, following in zip(found, [*found[1:], None], strict=True):
        if block.language == "sh":
            answered = following is not None and following.language == "json" and "-X DELETE" not in block.text
            commands.append((block, json.loads(following.text) if answered and following else None))
    return commands


def _block_with(field: str) -> Block:
    """The first document that has this field."""
    return next(block for block in blocks(API) if block.language == "json" and field in json.loads(block.text))


def _shape(document: object) -> object:
    """What must be alike on any day: fields, types, some numbers, and texts without their times, ids and addresses."""
    if isinstance(document, dict):
        return {name: _field(name, value) for name, value in document.items()}
    if isinstance(document, list):
        return [_shape(value) for value in document]
    if isinstance(document, str) and not re.search(r"ETag|localhost|127\.0\.0\.1|_\d{13}(:\w+)?$", document):
        return _TIME.sub("<time>", document)
    return type(document).__name__ if not isinstance(document, int | float) else "number"


def _field(name: str, value: object) -> object:
    if name == "next_cursor" and value:
        return "cursor"
    return value if name in EXACT else _shape(value)


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


async def _until(api: aiohttp.ClientSession, path: str, text: str) -> str:
    """The answer of `path` once it holds `text`."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with api.get(path) as answer:
                body = await answer.text()
            if text in body:
                return body
            await asyncio.sleep(0.02)
