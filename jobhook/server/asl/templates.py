"""Payload templates: the JSON of a `Parameters` field, compiled so that only its paths are worked out at run time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from jobhook.core.times import to_rfc3339
from jobhook.server.asl.error_names import PARAMETER_PATH_FAILURE
from jobhook.server.asl.paths import BadPath, Path
from jobhook.server.asl.values import JSON


class Context(NamedTuple):
    """What `$$.` paths can select: the execution, the state and the task of one attempt."""

    execution: str
    state: str
    entered_ms: int
    retry_count: int
    token: str


TASK_TOKEN: Final = "$$.Task.Token"  # noqa: S105 - a path, not a secret
CONTEXT_PATHS: Final[Mapping[str, Callable[[Context], JSON]]] = MappingProxyType(
    {
        "$$.Execution.Name": lambda context: context.execution,
        "$$.State.EnteredTime": lambda context: to_rfc3339(context.entered_ms),
        "$$.State.Name": lambda context: context.state,
        "$$.State.RetryCount": lambda context: context.retry_count,
        TASK_TOKEN: lambda context: context.token,
    }
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A part of the template without paths."""

    value: JSON

    def fill(self, data: JSON, context: Context) -> JSON:  # noqa: ARG002 - one shape for all parts
        """The value itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class FromInput:
    """A value selected from the state's input."""

    path: Path

    def fill(self, data: JSON, context: Context) -> JSON:  # noqa: ARG002 - one shape for all parts
        """The selected value; `States.ParameterPathFailure` where there is none."""
        return self.path.read(data, PARAMETER_PATH_FAILURE)


@dataclass(frozen=True, slots=True)
class FromContext:
    """A value selected from the context object."""

    path: str

    def fill(self, data: JSON, context: Context) -> JSON:  # noqa: ARG002 - one shape for all parts
        """The selected value."""
        return CONTEXT_PATHS[self.path](context)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of which at least one field holds a path."""

    fields: tuple[tuple[str, "Template"], ...]

    def fill(self, data: JSON, context: Context) -> JSON:
        """The object with every path replaced by what it selects."""
        return {name: template.fill(data, context) for name, template in self.fields}


Template: TypeAlias = Constant | FromInput | FromContext | Fields


def compile_template(value: JSON) -> Template:
    """Compile a payload template; `BadPath` for a path or intrinsic function outside the subset."""
    if isinstance(value, list):
        return _compile_list(value)
    if not isinstance(value, Mapping):
        return Constant(value)
    fields = tuple(_compile_field(name, inner) for name, inner in value.items())
    if len({name for name, _ in fields}) < len(fields):
        raise BadPath("a field is given twice, with and without '.$'")
    if all(isinstance(template, Constant) for _, template in fields):
        return Constant(value)
    return Fields(fields)


def compile_path(text: JSON) -> Template:
    """Compile the value of a `.$` field."""
    if not isinstance(text, str):
        raise BadPath("the value of a '.$' field must be a path")
    if text in CONTEXT_PATHS:
        return FromContext(text)
    if text.startswith("$$"):
        raise BadPath(f"{text!r} is not one of the supported context paths: {', '.join(CONTEXT_PATHS)}")
    return FromInput(Path.parse(text))


def uses(template: Template, context_path: str) -> bool:
    """Whether the template selects this context path anywhere."""
    if isinstance(template, Fields):
        return any(uses(inner, context_path) for _, inner in template.fields)
    return isinstance(template, FromContext) and template.path == context_path


def _compile_field(name: str, value: JSON) -> tuple[str, Template]:
    if name.endswith(".$"):
        return name[:-2], compile_path(value)
    return name, compile_template(value)


def _compile_list(values: list[JSON]) -> Template:
    if not all(isinstance(compile_template(value), Constant) for value in values):
        raise BadPath("paths inside a list are not supported")
    return Constant(values)
