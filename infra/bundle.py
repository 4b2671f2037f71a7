"""Makes of the bundle that Chalice has zipped what Lambda gets: less what is never used, and compiled.

A function's directory is read-only on Lambda, so what comes without bytecode is compiled anew at every cold start.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from infra import compile_modules

UNUSED = re.compile(
    "|".join(
        (
            r"aws_lambda_powertools/(event_handler|metrics/provider/datadog)/.*",
            r"aws_lambda_powertools/utilities/(?!jmespath_utils/|typing/).+/.*",
            r"pydantic/(v1/.*|mypy\.py)",
            r"\w+/(tests|benchmarks)/.*",
            r"[\w.-]+\.dist-info/(RECORD|sboms/.*)",
            r".*\.pyi",
        )
    )
)
"""Parts of libraries that serve what Jobhook does not do. They would leave no room for bytecode."""

_RARE = re.compile(
    "|".join(
        (
            r"pydantic/(deprecated|experimental)/.*",
            r"pydantic/(color|root_model|alias_generators)\.py",
            r"annotated_types/test_cases\.py",
            r".*/(cli|__main__)\.py",
            r".*/scripts/.*",
            r"jobhook/(api/openapi|documents)/.*",  # for GET /openapi.json alone
        )
    )
)
"""Modules that no function imports in its ordinary work: they stay sources."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def is_compiled(name: str) -> bool:
    """Whether a file of the bundle is a module that gets bytecode."""
    return name.endswith(".py") and not _RARE.fullmatch(name)


def mismatch(runtime: str, python: tuple[int, int] = sys.version_info[:2]) -> str | None:
    """Why this Python makes no bytecode for a runtime, such as `python3.11`; None where it does."""
    mine = f"python{python[0]}.{python[1]}"
    if mine == runtime:
        return None
    return f"without bytecode, as {mine} packages and {runtime} runs it: cold starts take longer"


def finish(bundle: Path, runtime: str, scratch: Path) -> str:
    """Rewrite the bundle, the same bytes for the same files; a line that says how. `scratch` is left with its files."""
    with ZipFile(bundle) as made:
        names = sorted(name for name in made.namelist() if not name.endswith("/") and not UNUSED.fullmatch(name))
        made.extractall(scratch, names)
    hindrance = mismatch(runtime)
    compiled = [] if hindrance else compile_in(scratch, filter(is_compiled, names))
    with ZipFile(bundle, "w", ZIP_DEFLATED, compresslevel=9) as finished:
        for name in sorted([*names, *compiled]):
            entry = ZipInfo(name, _EPOCH)
            entry.external_attr, entry.compress_type = _READABLE, ZIP_DEFLATED
            finished.writestr(entry, (scratch / name).read_bytes())
    return hindrance or f"with bytecode of {len(compiled)} modules for {runtime}"


def compile_in(root: Path, names: Iterable[str]) -> list[str]:
    """Compile modules under a directory; the names of what has come of it."""
    sources = list(names)
    subprocess.run(  # noqa: S603 - every argument is ours
        [sys.executable, "-I", "-S", compile_modules.__file__, root],
        input="\n".join(sources),
        text=True,
        check=True,
    )
    return [bytecode_of(name) for name in sources]


def bytecode_of(name: str) -> str:
    """Where a module's bytecode lies."""
    source = PurePosixPath(name)
    return str(source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc")
