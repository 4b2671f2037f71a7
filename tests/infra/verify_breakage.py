"""Breaks a scratch copy of the tree on purpose: each breakage is caught, by a message that names the place."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = (".chalice/config.json", "app.py", "requirements.txt", "pyproject.toml")
TREES = ("chalicelib", "docs", "infra", "jobhook", "statemachines", "tests", "vendor")


@dataclass(frozen=True)
class Breakage:
    """One replacement in one file, and the words that must be found in what `infra.verify` says."""

    path: str
    old: str
    new: str
    said: tuple[str, ...]


BREAKAGES = {
    "a removed permission": Breakage(
        "infra/template/policies.py",
        "DISPATCH: (_FIRES, ",
        'DISPATCH: (_dynamodb("schedules", "GetItem", "PutItem", "DeleteItem", "Query"), ',
        ("Dispatch asks for dynamodb:UpdateItem", "jobhook-prod-schedules", "which its policy does not allow"),
    ),
    "a permission too many": Breakage(
        "infra/template/policies.py",
        "START_PAGE: (_FIRES, ",
        'START_PAGE: (_FIRES, _dynamodb("jobs", "DeleteItem"), ',
        ("StartPage is allowed dynamodb:DeleteItem", "which it never asks for"),
    ),
    "a dangling Next": Breakage(
        "statemachines/execution.asl.json",
        '"Next": "Succeeded"',
        '"Next": "Suceeded"',
        ("Suceeded",),
    ),
    "a dropped dead-letter queue": Breakage(
        "infra/template/queues.py",
        "QUEUES = (START_QUEUE, *DEAD_LETTERS)",
        "QUEUES = (START_QUEUE, START_DEAD_LETTERS, RECONCILE_DEAD_LETTERS, RULE_DEAD_LETTERS)",
        ("DispatchDeadLetters",),
    ),
    "a renamed index": Breakage(
        "infra/template/tables.py",
        "    return resource(",
        '    definition = json.loads(json.dumps(definition).replace("by_schedule", "by_sched"))\n    return resource(',
        ("by_schedule",),
    ),
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_is_caught_and_its_place_named(name: str, tmp_path: Path) -> None:
    breakage = BREAKAGES[name]
    copy_tree(tmp_path)
    broken = tmp_path / breakage.path
    whole = broken.read_text()
    assert whole.count(breakage.old) == 1, f"{breakage.path} has changed; this breakage must too"
    header = "import json\n" if "json.loads" in breakage.new else ""
    broken.write_text(header + whole.replace(breakage.old, breakage.new))
    done = subprocess.run(
        [sys.executable, "-m", "infra.verify"],
        cwd=tmp_path,
        env=os.environ | {"JOBHOOK_TOOLS": os.environ.get("JOBHOOK_TOOLS", str(ROOT / "build" / "verify-tools"))},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    for word in breakage.said:
        assert word in done.stdout, done.stdout


def copy_tree(target: Path) -> None:
    for name in SHIPPED:
        (target / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    for name in TREES:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
