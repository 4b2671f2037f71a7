"""What becomes of the bundle that Chalice has zipped, and what the proof lets pass."""

import importlib.util
import marshal
import subprocess
import sys
from pathlib import Path
from types import CodeType
from zipfile import ZipFile

import pytest

from infra.bundle import UNUSED, bytecode_of, finish, mismatch
from infra.verify.bundle import MOST_BYTES, check_bundle, surplus
from infra.verify.commands import StepFailed

HERE = f"python{sys.version_info[0]}.{sys.version_info[1]}"
NEEDED = [
    "app.py",
    "chalicelib/dynamodb/tables.py",
    "jobhook/core/schedules/expression/cron.py",
    "aws_lambda_powertools/logging/logger.py",
    "aws_lambda_powertools/utilities/__init__.py",
    "aws_lambda_powertools/utilities/jmespath_utils/__init__.py",
    "aws_lambda_powertools-3.37.0.dist-info/licenses/LICENSE",
    "jmespath-1.1.0.data/scripts/jp.py",
    "pydantic/main.py",
    "pydantic_core/_pydantic_core.cpython-311-aarch64-linux-gnu.so",
    "rpds_py-2026.9.1.dist-info/METADATA",
    "typing_extensions.py",
]
UNNEEDED = [
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/swagger-ui-bundle.min.js",
    "aws_lambda_powertools/utilities/parser/parser.py",
    "jsonschema/tests/test_validators.py",
    "pydantic/v1/main.py",
    "pydantic_core-2.50.4.dist-info/sboms/pydantic-core.cyclonedx.json",
]


def test_what_lambda_needs_is_allowed_with_its_bytecode() -> None:
    assert surplus(NEEDED) == []
    assert surplus([*NEEDED, bytecode_of("app.py"), bytecode_of("pydantic/main.py")]) == []


@pytest.mark.parametrize(
    "name",
    [
        *UNNEEDED,
        "jobhook/server/clock.py",
        "tests/conftest.py",
        "boto3/session.py",
        "botocore/data/events/2015-10-07/service-2.json.gz",
        "chalicelib/aws/__pycache__/removed.cpython-311.pyc",
        "chalicelib/aws/__pycache__/tables.cpython-310.pyc",
        "chalicelib/notes.txt",
        ".env",
        "infra/build.py",
        "pydantic/main.pyc",
        "statemachines/execution.asl.json",
    ],
)
def test_anything_else_is_surplus(name: str) -> None:
    assert surplus([*NEEDED, name]) == [name]


def test_a_bundle_that_is_too_large_or_has_surplus_is_not_let_through(tmp_path: Path) -> None:
    large, strange = tmp_path / "large.zip", tmp_path / "strange.zip"
    with ZipFile(large, "w") as bundle:
        bundle.writestr("app.py", bytes(MOST_BYTES))
    with ZipFile(strange, "w") as bundle:
        bundle.writestr(".env", "")
    with pytest.raises(StepFailed, match="too many"):
        check_bundle(large)
    with pytest.raises(StepFailed, match=r"\.env"):
        check_bundle(strange)


def zipped(path: Path, *names: str) -> Path:
    """As Chalice zips: in the order of a directory's listing, and with times."""
    with ZipFile(path, "w") as bundle:
        for name in names:
            bundle.writestr(
                name, f"WORDS = {{'one', 'two', {name!r}}}\n\ndef f(x):\n    return x in {{'a', 'b', 'c'}}\n"
            )
    return path


def finished(path: Path, *names: str) -> bytes:
    finish(zipped(path, *names), HERE, path.with_suffix(""))
    return path.read_bytes()


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    names = ("app.py", "chalicelib/a.py", "chalicelib/b.py", "pydantic/main.py")
    assert finished(tmp_path / "one.zip", *names) == finished(tmp_path / "two.zip", *reversed(names))


def test_what_is_never_used_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    finished(path, *NEEDED, *UNNEEDED)
    with ZipFile(path) as bundle:
        assert {name for name in bundle.namelist() if "__pycache__" not in name} == set(NEEDED)
    assert not [name for name in NEEDED if UNUSED.fullmatch(name)]


def test_a_module_carries_bytecode_of_its_own_source_that_is_taken_unread_and_names_lambdas_path(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bundle.zip"
    finished(path, "chalicelib/a.py")
    with ZipFile(path) as bundle:
        bytecode, source = bundle.read(bytecode_of("chalicelib/a.py")), bundle.read("chalicelib/a.py")
    magic, flags, source_hash = bytecode[:4], int.from_bytes(bytecode[4:8], "little"), bytecode[8:16]
    assert (magic, source_hash) == (importlib.util.MAGIC_NUMBER, importlib.util.source_hash(source))
    assert flags == 0b01  # PEP 552: by its hash, and unchecked
    code: CodeType = marshal.loads(bytecode[16:])
    assert code.co_filename == "/var/task/chalicelib/a.py"
    assert [one.co_filename for one in code.co_consts if isinstance(one, CodeType)] == [code.co_filename]


def test_python_takes_the_bytecode_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    finished(path, "app.py")
    (tmp_path / "bundle" / "app.py").write_text("raise SystemExit('compiled anew')")
    done = subprocess.run(
        [sys.executable, "-c", "import app"],
        cwd=tmp_path / "bundle",
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_another_python_than_lambdas_makes_no_bytecode_and_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bundle.zip", "app.py")
    said = finish(path, "python3.9", tmp_path / "scratch")
    assert said == f"without bytecode, as {HERE} packages and python3.9 runs it: cold starts take longer"
    with ZipFile(path) as bundle:
        assert bundle.namelist() == ["app.py"]
    assert mismatch("python3.13", (3, 13)) is None
