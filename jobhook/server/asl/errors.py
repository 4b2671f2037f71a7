"""What can go wrong with a state machine, and with what is asked of one of its executions."""


class MachineError(ValueError):
    """A state machine definition cannot be run; the message names the state and the field."""

    def __init__(self, state: str | None, field: str | None, why: str) -> None:
        self.state = state
        self.field = field
        self.why = why
        place = ", ".join(
            part for part in (f"state '{state}'" if state else "", f"field '{field}'" if field else "") if part
        )
        super().__init__(f"{place or 'state machine'}: {why}")


class InvalidMachine(MachineError):
    """The definition breaks a rule of Amazon States Language: Step Functions would not take it either."""


class UnsupportedMachine(MachineError):
    """The definition uses a part of Amazon States Language that this engine does not have."""


class TaskTimedOut(Exception):
    """The task token has expired, was replaced by a later attempt's, or its task has ended (AWS: TaskTimedOut)."""


class StateError(Exception):
    """A state failed with an Amazon States Language error name; transitions turn it into a retry, a catch or an end."""

    def __init__(self, error: str, cause: str) -> None:
        self.error = error
        self.cause = cause
        super().__init__(f"{error}: {cause}")
