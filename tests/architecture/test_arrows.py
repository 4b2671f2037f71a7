"""The arrows between the parts of the tree: who may import whom.

core <- ports <- use_cases <- api <- {chalicelib, server}; documents <- {api, client <- cli}
"""

import sys

import pytest

from tests.architecture.modules import Module, modules

OURS = ("app", "chalicelib", "jobhook", "tests", "examples", "bench", "infra")
EFFECTS = (
    "aiohttp",
    "asyncio",
    "boto3",
    "botocore",
    "chalice",
    "gc",
    "http",
    "httptools",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "requests",
    "secrets",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib.request",
)
"""Modules that reach outside the process, or whose result depends on more than the arguments."""
PACKAGES = {
    "core": modules("jobhook/core"),
    "ports": modules("jobhook/ports.py"),
    "use_cases": modules("jobhook/use_cases"),
    "adapters": modules("jobhook/adapters"),
    "documents": modules("jobhook/documents"),
    "api": modules("jobhook/api"),
    "client": modules("jobhook/client"),
    "cli": modules("jobhook/cli"),
    "server": modules("jobhook/server"),
    "chalicelib": modules("app.py", "chalicelib"),
}
MAY_IMPORT = {
    "core": {"core"},
    "ports": {"core", "ports"},
    "use_cases": {"core", "ports", "use_cases"},
    "adapters": {"core", "ports", "adapters"},
    "documents": {"documents"},
    "api": {"core", "ports", "use_cases", "documents", "api", "adapters"},
    "client": {"documents", "client"},
    # Of the core only `CLI_OF_CORE`. The server is run by `serve`, and checks files of jobs before they are sent.
    "cli": {"core", "documents", "client", "cli", "server", "adapters"},
    "server": {"core", "ports", "use_cases", "adapters", "documents", "api", "server"},
    "chalicelib": {"core", "ports", "use_cases", "adapters", "documents", "api", "chalicelib"},
}
"""Which packages of ours the modules of a package may import. Both edges see everything inward and not each other."""
CLI_OF_CORE = (
    "jobhook.core.identities",  # names of jobs from crontabs
    "jobhook.core.schedules.expression",  # next times and meanings without a server
    "jobhook.core.targets.networks",  # the option of `serve`
    "jobhook.core.times",
)
"""All that the command line uses of the core."""
ALL = [(package, module) for package, found in PACKAGES.items() for module in found]


def _name(value: object) -> str:
    return value.name if isinstance(value, Module) else str(value)


def _package_of(imported: str) -> str | None:
    """The package that a dotted name of ours lies in; None for other names, and for a package as such."""
    top, _, rest = imported.partition(".")
    if top in ("app", "chalicelib"):
        return "chalicelib"
    if top == "jobhook":
        return rest.partition(".")[0] or None
    return top if top in OURS else None


@pytest.mark.parametrize(("package", "module"), ALL, ids=_name)
def test_a_package_imports_only_what_its_arrows_allow(package: str, module: Module) -> None:
    imported = {name: _package_of(name) for name in module.imports}
    assert not {name for name, found in imported.items() if found is not None and found not in MAY_IMPORT[package]}


@pytest.mark.parametrize("module", [*PACKAGES["core"], *PACKAGES["use_cases"], *PACKAGES["ports"]], ids=_name)
def test_rules_and_use_cases_reach_nothing_outside_the_process(module: Module) -> None:
    assert not module.imports_any(*EFFECTS)


@pytest.mark.parametrize("module", PACKAGES["cli"], ids=_name)
def test_the_command_line_uses_little_of_the_core(module: Module) -> None:
    assert module.imports_any("jobhook.core") == module.imports_any(*CLI_OF_CORE)


@pytest.mark.parametrize("module", PACKAGES["documents"], ids=_name)
def test_documents_import_only_the_standard_library_and_each_other(module: Module) -> None:
    tops = {imported.partition(".")[0] for imported in module.imports}
    assert tops <= sys.stdlib_module_names | {"jobhook"}
    assert not module.imports_any(*EFFECTS)


@pytest.mark.parametrize("module", PACKAGES["core"], ids=_name)
def test_the_core_does_without_pydantic(module: Module) -> None:
    assert not module.imports_any("pydantic", "pydantic_core")


@pytest.mark.parametrize("module", PACKAGES["api"], ids=_name)
def test_the_api_knows_no_framework(module: Module) -> None:
    assert not module.imports_any("aiohttp", "asyncio", "boto3", "botocore", "chalice", "sqlite3")


@pytest.mark.parametrize(("package", "module"), ALL, ids=_name)
def test_only_the_aws_edge_knows_chalice(package: str, module: Module) -> None:
    assert package == "chalicelib" or not module.imports_any("chalice")


SIGNING = {"botocore.auth", "botocore.awsrequest", "botocore.compat", "botocore.credentials"}
FINDING_CREDENTIALS = {"botocore.exceptions", "botocore.session"}


@pytest.mark.parametrize(("package", "module"), ALL, ids=_name)
def test_only_the_aws_edge_speaks_to_aws(package: str, module: Module) -> None:
    if package == "chalicelib":
        return
    allowed: set[str] = set()
    if package == "server":
        allowed |= SIGNING
    if module.name == "jobhook.client.credentials":
        allowed |= SIGNING | FINDING_CREDENTIALS
    # Sends dead letters back for a person. No Lambda function needs that, so it is not shipped with them.
    if module.name == "jobhook.cli.tools.dead_letters.aws":
        allowed |= {"botocore"}
    found = module.imports_any("boto3", "botocore")
    assert not {name for name in found if not any(f"{name}.".startswith(f"{one}.") for one in allowed)}


@pytest.mark.parametrize(("package", "module"), ALL, ids=_name)
def test_only_the_server_speaks_to_sqlite(package: str, module: Module) -> None:
    assert package == "server" or not module.imports_any("sqlite3")


def test_no_two_packages_import_each_other() -> None:
    arrows = {
        (package, found)
        for package, module in ALL
        for found in map(_package_of, module.imports)
        if found is not None and found != package
    }
    assert not {(one, other) for one, other in arrows if (other, one) in arrows}
