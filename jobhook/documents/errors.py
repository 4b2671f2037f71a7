"""The form of every error."""

from typing import Annotated, NotRequired, TypedDict

from jobhook.documents.annotations import Field
from jobhook.documents.kinds import Status


class Problem(TypedDict):
    """One mistake in a request."""

    field: Annotated[str, Field("The field's name, with dots between the levels.")]
    message: Annotated[str, Field("What a right value is.")]


class Error(TypedDict):
    """Every error. `errors` is there where single fields are wrong, and then lists all of them."""

    code: Annotated[str, Field("A stable word for programs; each answer lists those that it may have.")]
    message: Annotated[str, Field("A sentence that says what to do.")]
    errors: NotRequired[Annotated[list[Problem], Field(default=())]]


class EndedError(TypedDict):
    """The execution has ended, and takes no callbacks."""

    code: Annotated[str, Field("`ExecutionEnded`.")]
    message: Annotated[str, Field("A sentence that says what to do.")]
    status: Annotated[Status, Field("How the execution ended.")]
