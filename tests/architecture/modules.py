"""Every module of the tree, and what it imports, read from its syntax."""

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """A file by its dotted name, with the dotted names that it imports anywhere in it, functions included."""

    name: str
    imports: frozenset[str]

    def imports_any(self, *packages: str) -> set[str]:
        """Which of its imports lie in one of these packages."""
        return {
            imported
            for imported in self.imports
            if any(imported == package or imported.startswith(f"{package}.") for package in packages)
        }


def modules(*places: str) -> list[Module]:
    """The modules of files and folders, by path from the root."""
    found: list[Module] = []
    for place in places:
        path = ROOT / place
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [Module(_name(file), frozenset(_imports(file))) for file in files]
    assert found, f"nothing at {places}"
    return found


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(), str(file))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            module = node.module or ""
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return names
