"""The task tokens that runs on moto wait with, which Step Functions would tell nobody but the task itself."""

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from mypy_boto3_stepfunctions import SFNClient

from chalicelib.clients import error_code


def waiting_tokens(execution_id: str) -> list[str]:
    """The tokens of an execution's run that hear a heartbeat or an end, its function having returned.

    A token that was told its end is none of them, though moto keeps it until the run's thread has noticed.
    """
    return [
        str(token)
        for regions in stepfunctions_parser_backends.values()
        for backend in regions.values()
        for machine in backend.state_machines
        for run in machine.executions
        if run.name == execution_id
        and (worker := getattr(run, "exec_worker", None)) is not None
        and worker.env is not None
        for token, endpoint in list(worker.env.callback_pool_manager._pool.items())
        if endpoint._heartbeat_endpoint is not None and endpoint.get_outcome() is None
    ]


def end_waiting(machines: SFNClient, execution_id: str) -> None:
    """End what the run waits for, where it has not ended by itself in the meantime."""
    for token in waiting_tokens(execution_id):
        try:
            machines.send_task_success(taskToken=token, output="{}")
        except ClientError as error:
            if error_code(error) not in {"InvalidToken", "TaskTimedOut"}:
                raise
