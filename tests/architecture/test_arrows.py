"""The arrows between the parts of the tree: who may import whom."""

import pytest

from tests.architecture.modules import Module, modules

OURS = ("app", "chalicelib", "jobhook", "tests", "examples", "bench", "infra")
IMPURE = (
    "asyncio",
    "boto3",
    "botocore",
    "chalice",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
    "aiohttp",
)
SHIPPED = modules("app.py", "chalicelib")
TOOLS = modules("jobhook")


def _by_name(module: Module) -> str:
    return module.name


def _ours_outside(module: Module, *allowed: str) -> set[str]:
    return module.imports_any(*OURS) - module.imports_any(*allowed) - {"chalicelib"}


@pytest.mark.parametrize("module", modules("chalicelib/domain"), ids=_by_name)
def test_the_domain_knows_only_itself_and_does_nothing(module: Module) -> None:
    assert not _ours_outside(module, "chalicelib.domain")
    assert not module.imports_any(*IMPURE)


@pytest.mark.parametrize("module", modules("chalicelib/use_cases", "chalicelib/ports.py"), ids=_by_name)
def test_use_cases_know_the_domain_and_the_ports(module: Module) -> None:
    assert not _ours_outside(module, "chalicelib.domain", "chalicelib.ports", "chalicelib.use_cases")
    assert not module.imports_any(*IMPURE)


@pytest.mark.parametrize("module", modules("chalicelib/openapi"), ids=_by_name)
def test_the_description_knows_the_domain_alone(module: Module) -> None:
    assert not _ours_outside(module, "chalicelib.domain", "chalicelib.openapi")
    assert not module.imports_any(*IMPURE)


@pytest.mark.parametrize("module", modules("chalicelib/handlers"), ids=_by_name)
def test_handlers_reach_adapters_only_through_the_wiring(module: Module) -> None:
    assert not module.imports_any("chalicelib.aws", "chalicelib.ports.Store", "chalicelib.ports.Backend")
    assert not module.imports_any("boto3", "botocore", "sqlite3", "aiohttp", "asyncio")


@pytest.mark.parametrize("module", modules("chalicelib/aws"), ids=_by_name)
def test_adapters_know_neither_handlers_nor_wiring(module: Module) -> None:
    assert not module.imports_any("chalicelib.handlers", "chalicelib.wiring", "app", "chalice")


@pytest.mark.parametrize("module", SHIPPED, ids=_by_name)
def test_what_is_shipped_knows_nothing_of_the_tools_and_tests(module: Module) -> None:
    assert not module.imports_any("jobhook", "tests", "examples", "bench", "infra")
    assert not module.imports_any("sqlite3", "aiohttp", "orjson", "typer", "rich", "uvloop")


@pytest.mark.parametrize("module", [*SHIPPED, *TOOLS], ids=_by_name)
def test_only_the_aws_adapters_speak_to_aws(module: Module) -> None:
    if module.name.startswith("chalicelib.aws."):
        return
    signing = {"botocore.auth", "botocore.awsrequest", "botocore.compat.HTTPHeaders", "botocore.credentials"}
    chain = {"botocore.exceptions", "botocore.session"}  # where a client finds what it signs with
    allowed = signing if module.name.startswith("jobhook.server.") else set()
    allowed |= signing | chain if module.name == "jobhook.client.credentials" else set()
    # Sends dead letters back for a person. No function needs that, so it is no adapter: those are shipped to Lambda.
    allowed |= {"botocore"} if module.name == "jobhook.dead_letters.aws" else set()
    found = module.imports_any("boto3", "botocore") - {"botocore.compat"}  # its HTTPHeaders are what is signed
    assert not {name for name in found if not any(f"{name}.".startswith(f"{package}.") for package in allowed)}


@pytest.mark.parametrize("module", modules("jobhook/client"), ids=_by_name)
def test_the_client_needs_nothing_else_of_ours(module: Module) -> None:
    assert not _ours_outside(module, "jobhook.client")


@pytest.mark.parametrize("module", [*SHIPPED, *TOOLS], ids=_by_name)
def test_only_the_server_speaks_to_sqlite(module: Module) -> None:
    assert module.name.startswith("jobhook.server.") or not module.imports_any("sqlite3")


@pytest.mark.parametrize("module", [*SHIPPED, *TOOLS], ids=_by_name)
def test_only_the_signals_of_aws_know_how_logs_and_metrics_are_written_there(module: Module) -> None:
    assert module.name == "chalicelib.aws.signals" or not module.imports_any("aws_lambda_powertools")
