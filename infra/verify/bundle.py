"""What may be in the bundle: ours, what requirements.txt brings, Chalice's runtime, and bytecode of what is in it.

And not 5.2 MB of it: what is loaded at a cold start is fetched first.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from infra.bundle import UNUSED, bytecode_of, is_compiled
from infra.verify.commands import StepFailed

MOST_BYTES = 5_200_000

_OURS = (
    r"app\.py",
    r"chalicelib/[\w/]+\.py",
    r"jobhook/(__init__|ports|(adapters|api|core|documents|use_cases)/[\w/]+)\.py",
)
_LIBRARIES = (
    "annotated_types",
    "attr",
    "attrs",
    "aws_lambda_powertools",
    "chalice",
    "jmespath",
    "jsonschema",
    "jsonschema_specifications",
    "msgspec",
    "pydantic",
    "pydantic_core",
    "referencing",
    "rpds",
    "typing_inspection",
)
_DISTRIBUTIONS = (*_LIBRARIES, "rpds_py", "typing_extensions")
ALLOWED = re.compile(
    "|".join(
        (
            *_OURS,
            rf"({'|'.join(_LIBRARIES)})/.*",
            rf"({'|'.join(_DISTRIBUTIONS)})-[\d.]+\.dist-info/.*",
            r"jmespath-[\d.]+\.data/scripts/jp\.py",
            r"typing_extensions\.py",
        )
    )
)


def surplus(names: Sequence[str]) -> list[str]:
    """The files that Lambda does not need."""
    bytecode = {bytecode_of(name) for name in names if is_compiled(name)}
    return [name for name in names if not name.endswith("/") and name not in bytecode and not _is_needed(name)]


def _is_needed(name: str) -> bool:
    return bool(ALLOWED.fullmatch(name)) and not UNUSED.fullmatch(name) and not name.endswith(".pyc")


def check_bundle(path: Path) -> str:
    """A line about the bundle. Raises StepFailed."""
    size = path.stat().st_size
    with ZipFile(path) as bundle:
        names = bundle.namelist()
    if found := surplus(names):
        raise StepFailed("the bundle holds what Lambda does not need:\n" + "\n".join(found))
    if size >= MOST_BYTES:
        raise StepFailed(f"the bundle has {size:,} bytes; {MOST_BYTES:,} are too many")
    return f"{size / 1e6:.2f} MB, {len(names)} files, all of them allowed"
