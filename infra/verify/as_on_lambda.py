"""A bundle as Lambda sees it: unpacked, nothing written beside it, and boto3 with its bytecode in the runtime.

Only what is compiled for the machine differs: the same versions of it are put where Lambda's are.
"""

import compileall
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from zipfile import ZipFile

from infra.verify.commands import StepFailed
from infra.verify.tools import Tools

_RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
"""What Lambda's runtime brings: boto3, and what it needs."""
_NATIVE = ("msgspec", "pydantic_core", "rpds_py")


@dataclass(frozen=True, slots=True)
class AsOnLambda:
    """`task` is the unpacked bundle, `runtime` what the runtime brings; `environment` are the function's variables."""

    task: Path
    runtime: Path
    environment: dict[str, str]

    def run(self, script: str) -> str:
        """What a script printed in a fresh process of a function. Raises StepFailed."""
        done = subprocess.run(  # noqa: S603 - the scripts are ours
            [sys.executable, "-S", "-P", "-c", script],
            cwd=self.task,
            env=self.environment | {"PYTHONPATH": f"{self.task}:{self.runtime}", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StepFailed(done.stderr)
        return done.stdout

    def without_bytecode(self, target: Path) -> "AsOnLambda":
        """The same, with the bundle's sources alone."""
        shutil.copytree(self.task, target, ignore=shutil.ignore_patterns("__pycache__"))
        return AsOnLambda(target, self.runtime, self.environment)


def unpack(bundle: Path, target: Path, tools: Tools, environment: dict[str, str]) -> AsOnLambda:
    """Unpack a bundle under a directory."""
    task, runtime = target / "task", target / "runtime"
    with ZipFile(bundle) as packed:
        packed.extractall(task)
    _put_native(task, tools)
    for name in _RUNTIME:
        _link(name, runtime)
    compileall.compile_dir(runtime, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return AsOnLambda(task, runtime, environment)


def _put_native(task: Path, tools: Tools) -> None:
    found = [next(task.glob(f"{name}-*.dist-info")).name for name in _NATIVE]
    native = tools.native([name.removesuffix(".dist-info").replace("-", "==") for name in found])
    for library in native.glob("*/*.so"):
        shutil.copy2(library, task / library.relative_to(native))


def _link(name: str, runtime: Path) -> None:
    """A module of this environment, its bytecode apart."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StepFailed(f"{name} is not installed, which Lambda's runtime has")
    source = Path(spec.origin)
    if spec.submodule_search_locations is None:
        runtime.mkdir(exist_ok=True)
        shutil.copy2(source, runtime / source.name)
        return
    shutil.copytree(
        source.parent, runtime / name, copy_function=os.symlink, ignore=shutil.ignore_patterns("__pycache__")
    )
