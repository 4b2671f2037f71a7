"""The stack in moto's CloudFormation: each function runs its deployed handler, in its deployed environment.

What moto does otherwise than AWS is said in `tests/chalicelib/moto_stack.py`. Its event source mapping calls the
starter at once, inside the sender's own call. It checks no permissions, so each call is noted and judged afterwards.
"""

import ast
import importlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast

import botocore.session
from botocore.exceptions import EndpointConnectionError
from botocore.model import OperationModel
from moto.stepfunctions.models import stepfunctions_backends
from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cloudformation.type_defs import ParameterTypeDef
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_iam import IAMClient
from mypy_boto3_lambda import LambdaClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient
from mypy_boto3_stepfunctions import SFNClient

from chalicelib.backend import AwsBackend
from chalicelib.clients import CONFIG
from chalicelib.stepfunctions import StepFunctions
from infra.template.intrinsics import Json
from infra.template.names import Names
from jobhook.adapters.clock import SystemClock
from jobhook.ports import Backend, Clock, Settings, Workflows
from tests.chalicelib.moto_clients import OneAtATime
from tests.chalicelib.moto_functions import moto_calling
from tests.chalicelib.moto_stack import wait_for_runs_to_begin
from tests.infra.stack.adapted import adapted, of_kind
from tests.infra.stack.calls import ACCOUNT, REGION, Need, needs
from tests.patience import PATIENCE_SECONDS

BUCKET = "bucket"
BUNDLE_KEY = "deployment.zip"
PARAMETERS: list[ParameterTypeDef] = [
    {"ParameterKey": "LogRoleOfApiGateway", "ParameterValue": "exists"},
    {"ParameterKey": "AllowedTargetNetworks", "ParameterValue": "127.0.0.1/32"},  # where the proof's service listens
]
"""moto knows no account settings of API Gateway."""
Watcher = Callable[[str, str, Json], None]
"""Is told of every call: function, operation, request."""


@dataclass
class World:
    """What all functions share: the time, the calls that were made, and the calls that are to fail."""

    offset_ms: int = 0
    machine_arn: str = ""
    needed: dict[str, set[Need]] = field(default_factory=lambda: defaultdict(set))
    invocations: Counter[str] = field(default_factory=Counter)
    broken: Counter[tuple[str, str]] = field(default_factory=Counter)
    watchers: list[Watcher] = field(default_factory=list)

    def calls(self, function: str, service: str, operation: str, request: Json) -> None:
        """A function is about to call."""
        self.needed[function].update(needs(service, operation, request, self.machine_arn))
        if self.broken[function, operation]:
            self.broken[function, operation] -= 1
            raise EndpointConnectionError(endpoint_url=service)
        for watcher in self.watchers:
            watcher(function, operation, request)


class ShiftedClock(SystemClock):
    def __init__(self, world: World) -> None:
        self._world = world

    def now_ms(self) -> int:
        return super().now_ms() + self._world.offset_ms


class FunctionBackend(AwsBackend):
    """The real backend in a function's own environment; pages are small, so that few jobs need several."""

    def __init__(self, name: str, environ: Mapping[str, str], world: World) -> None:
        super().__init__(environ)
        self._name = name
        self._world = world

    @cached_property
    def settings(self) -> Settings:
        return replace(super().settings, heartbeat_grace_seconds=0, page_size=2, settle_seconds=0)

    @cached_property
    def workflows(self) -> Workflows:
        client = cast(SFNClient, self._client("stepfunctions"))
        return StepFunctions(client, self._variable("JOBHOOK_STATE_MACHINE_ARN"), at_once=1)

    @cached_property
    def clock(self) -> Clock:
        return ShiftedClock(self._world)

    def _client(self, service: str) -> object:
        client = self._session.create_client(service, region_name=REGION, config=CONFIG)

        def note(params: Json, model: OperationModel, **_: object) -> None:
            self._world.calls(self._name, service, model.name, params)
            if model.name.startswith("SendTask"):
                wait_for_runs_to_begin()

        client.meta.events.register("before-parameter-build.*.*", note)
        return OneAtATime(client)


@dataclass
class DeployedFunction:
    """A function as Lambda would run it."""

    logical_id: str
    handler: Callable[[object, object], object]
    backend: FunctionBackend


_running: ContextVar[DeployedFunction] = ContextVar("running")


class RunningFunctionsBackend:
    """The backend of whichever function is running on this thread."""

    def __getattr__(self, port: str) -> object:
        return getattr(_running.get().backend, port)


class Deployment:
    """One stage of the stack, deployed."""

    def __init__(self, template: Json, bundle: bytes) -> None:
        self.template = template
        self.names = Names("prod")
        self.world = World()
        self.functions: dict[str, DeployedFunction] = {}
        session = botocore.session.get_session()

        def client(service: str) -> object:
            return OneAtATime(session.create_client(service, region_name=REGION))

        self.dynamodb = cast(DynamoDBClient, client("dynamodb"))
        self.events = cast(EventBridgeClient, client("events"))
        self.sqs = cast(SQSClient, client("sqs"))
        self.machines = cast(SFNClient, client("stepfunctions"))
        self.iam = cast(IAMClient, client("iam"))
        self.lambdas = cast(LambdaClient, client("lambda"))
        self.stacks = cast(CloudFormationClient, client("cloudformation"))
        store = cast(S3Client, client("s3"))
        store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        store.put_object(Bucket=BUCKET, Key=BUNDLE_KEY, Body=bundle)

    def create(self, **parameters: str) -> None:
        """Create the stack, with these parameters, and make its functions runnable as it describes them."""
        self.stacks.create_stack(
            StackName=self.names.stack,
            TemplateBody=json.dumps(adapted(self.template)),
            Parameters=[*PARAMETERS, *_given(parameters)],
            Capabilities=["CAPABILITY_IAM"],
        )
        self.world.machine_arn = self._create_machine()
        for logical_id in of_kind(self.template, "AWS::Lambda::Function"):
            name = self.physical_id(logical_id)
            deployed = self.lambdas.get_function_configuration(FunctionName=name)
            module, _, attribute = deployed["Handler"].rpartition(".")
            handler = _handler(module, attribute)
            backend = FunctionBackend(logical_id, deployed["Environment"]["Variables"], self.world)
            self.functions[name] = DeployedFunction(logical_id, handler, backend)

    def _create_machine(self) -> str:
        """moto's CloudFormation makes it in the one of moto's two Step Functions that runs nothing."""
        (made,) = stepfunctions_backends[ACCOUNT][REGION].state_machines
        answer = self.machines.create_state_machine(name=made.name, definition=made.definition, roleArn=made.roleArn)
        assert answer["stateMachineArn"] == made.arn
        return answer["stateMachineArn"]

    def now_ms(self) -> int:
        """The time as the functions see it."""
        return ShiftedClock(self.world).now_ms()

    def physical_id(self, logical_id: str) -> str:
        """The name that a resource got."""
        detail = self.stacks.describe_stack_resource(StackName=self.names.stack, LogicalResourceId=logical_id)
        return detail["StackResourceDetail"]["PhysicalResourceId"]

    def invoke(self, name: str, event: object) -> object:
        """Run a function, by its name or ARN."""
        function = self.functions[name.rpartition(":")[2]]
        token = _running.set(function)
        self.world.invocations[function.logical_id] += 1
        try:
            return function.handler(event, None)
        finally:
            _running.reset(token)

    def policy(self, logical_id: str) -> list[Json]:
        """The statements that a function's role has, as deployed."""
        role = self.lambdas.get_function_configuration(FunctionName=self.physical_id(logical_id))["Role"]
        return self.role_policy(role.rpartition("/")[2])

    def role_policy(self, role_name: str) -> list[Json]:
        """The statements of a role's own policies."""
        statements: list[Json] = []
        for policy in self.iam.list_role_policies(RoleName=role_name)["PolicyNames"]:
            document = self.iam.get_role_policy(RoleName=role_name, PolicyName=policy)["PolicyDocument"]
            plain: Json = ast.literal_eval(str(document))  # what moto's CloudFormation keeps is Python's form of it
            listed = cast("list[Json | None]", plain["Statement"])
            statements.extend(one for one in listed if one is not None)  # moto's `AWS::NoValue` in a list
        return statements

    def until(self, what: Callable[[], object], says: str) -> None:
        """Wait for moto's threads."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not what():
            assert time.monotonic() < deadline, f"waited in vain: {says}"
            time.sleep(0.01)


def _handler(module_name: str, attribute: str) -> Callable[[object, object], object]:
    """The handler of that name, of an app on the backend of the running function."""
    module = importlib.import_module(module_name)
    assert callable(getattr(module, attribute))
    made = module.make_app(lambda: cast(Backend, RunningFunctionsBackend()))
    return cast(Callable[[object, object], object], made if attribute == "app" else made.handler_map[attribute])


def _given(parameters: Mapping[str, str]) -> list[ParameterTypeDef]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]


@contextmanager
def in_moto(template: Json, bundle: bytes) -> Iterator[Deployment]:
    """An account with the bundle in its bucket, where functions run and the stack can be created."""
    deployment: Deployment | None = None

    def call(name: str, event: object) -> object:
        assert deployment is not None
        return deployment.invoke(name, event)

    with moto_calling(call):
        deployment = Deployment(template, bundle)
        yield deployment
