"""The Lambda functions: their logical ids as Chalice makes them, and what it does not know of each."""

from dataclasses import dataclass

from infra.template.intrinsics import NO_VALUE, Json, arn, ref, resource, split, sub, where
from infra.template.memory import MEMORY_MB
from infra.template.names import METRICS_NAMESPACE, Names
from infra.template.queues import RULE_DEAD_LETTERS, START_QUEUE
from infra.template.tables import TABLES

NO_OWN_ADDRESS = "NoOwnAddress"
"""The condition that callbacks come to API Gateway's own address."""
IS_PRIVATE = "IsPrivate"
"""The condition that the API is reached through an endpoint of a VPC alone."""
IN_VPC = "InVpc"
"""The condition that the functions that send requests to targets do so from subnets of a VPC."""

HAS_BOUNDARY = "HasPermissionsBoundary"
"""The condition that all roles have a permissions boundary."""
BOUNDARY: Json = {"PermissionsBoundary": where(HAS_BOUNDARY, ref("PermissionsBoundary"), NO_VALUE)}
"""The property of every role."""


@dataclass(frozen=True, slots=True)
class Function:
    """`name` is Chalice's, `logical_id` and `role` what it makes of it; `settings` are the environment it needs.

    `concurrency` is the parameter by which it may have concurrent executions of its own; `sends` says that it sends
    requests to targets, which may be in a VPC.
    """

    name: str
    logical_id: str
    role: str
    settings: tuple[str, ...]
    concurrency: str | None = None
    sends: bool = False


_SIGNALS = ("JOBHOOK_STAGE", "JOBHOOK_METRICS_NAMESPACE")
_TABLES = ("JOBHOOK_JOBS_TABLE", "JOBHOOK_EXECUTIONS_TABLE", "JOBHOOK_SCHEDULES_TABLE", "JOBHOOK_RETENTION_DAYS")
_MACHINE = (*_SIGNALS, *_TABLES, "JOBHOOK_STATE_MACHINE_ARN")
_STARTS = (*_MACHINE, "JOBHOOK_START_QUEUE_URL")
_RULES = ("JOBHOOK_RULE_PREFIX", "JOBHOOK_DISPATCH_ARN", "JOBHOOK_RULE_DEAD_LETTER_ARN")
_NETWORKS = "JOBHOOK_TARGET_NETWORKS"

_ASKED = (*_MACHINE, *_RULES, "JOBHOOK_RULE_QUOTA", _NETWORKS, "JOBHOOK_BASE_URL")
_SENDS = (*_MACHINE, "JOBHOOK_BASE_URL", _NETWORKS)
_RECONCILES = (*_STARTS, *_RULES, _NETWORKS)

API = Function("api_handler", "APIHandler", "ApiHandlerRole", _ASKED, "ApiConcurrency", sends=True)
DISPATCH = Function("dispatch", "Dispatch", "DispatchRole", _STARTS, "DispatchConcurrency")
START_PAGE = Function("start_page", "StartPage", "StartPageRole", _STARTS)
INVOKE = Function("invoke", "Invoke", "InvokeRole", _SENDS, "InvokeConcurrency", sends=True)
RECORD_FAILURE = Function("record_failure", "RecordFailure", "RecordFailureRole", _MACHINE, "FailureConcurrency")
RECONCILE = Function("reconcile", "Reconcile", "ReconcileRole", _RECONCILES, "ReconcileConcurrency", sends=True)

FUNCTIONS = (API, DISPATCH, START_PAGE, INVOKE, RECORD_FAILURE, RECONCILE)


def reserved(parameter: str) -> str:
    """The condition that a concurrency is given."""
    return f"Has{parameter}"


def api_address(names: Names) -> Json:
    """API Gateway's own address of the API; a private API has one by its endpoint, which needs no private DNS."""
    behind = ".execute-api.${AWS::Region}.${AWS::URLSuffix}/" + names.stage
    return where(IS_PRIVATE, sub("https://${RestAPI}-${VpcEndpoint}" + behind), sub("https://${RestAPI}" + behind))


def log_group(function: Function) -> str:
    """The logical id of a function's log group."""
    return f"{function.logical_id}Logs"


def functions(names: Names) -> Json:
    """What is merged into Chalice's functions, and their log groups."""
    return {
        **{function.logical_id: _function(names, function) for function in FUNCTIONS},
        **{function.role: {"Properties": BOUNDARY} for function in FUNCTIONS},
        **{log_group(function): _log_group(names, function) for function in FUNCTIONS},
    }


def _function(names: Names, function: Function) -> Json:
    settings = _settings(names)
    own: Json = {}
    if function.concurrency:
        own["ReservedConcurrentExecutions"] = where(reserved(function.concurrency), ref(function.concurrency), NO_VALUE)
    if function.sends:
        own["VpcConfig"] = where(IN_VPC, _VPC, NO_VALUE)
    return {
        "Properties": {
            **own,
            "MemorySize": MEMORY_MB[function.name],
            "FunctionName": names.of(function.name.replace("_", "-")),
            "Environment": {"Variables": {name: settings[name] for name in function.settings} | _base_url(function)},
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": ref(log_group(function))},
        }
    }


def _base_url(function: Function) -> Json:
    """The API's function cannot name its own API, which would be a cycle: it takes the address from the request."""
    return {"JOBHOOK_BASE_URL": where(NO_OWN_ADDRESS, NO_VALUE, ref("CallbackAddress"))} if function is API else {}


_VPC = {"SubnetIds": split(ref("FunctionSubnets")), "SecurityGroupIds": split(ref("FunctionSecurityGroups"))}


def _settings(names: Names) -> Json:
    return {
        "JOBHOOK_STAGE": names.stage,
        "JOBHOOK_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "JOBHOOK_JOBS_TABLE": ref(TABLES["jobs"]),
        "JOBHOOK_EXECUTIONS_TABLE": ref(TABLES["executions"]),
        "JOBHOOK_SCHEDULES_TABLE": ref(TABLES["schedules"]),
        "JOBHOOK_RETENTION_DAYS": ref("RetentionDays"),
        "JOBHOOK_STATE_MACHINE_ARN": names.state_machine_arn,
        "JOBHOOK_START_QUEUE_URL": ref(START_QUEUE.logical_id),
        "JOBHOOK_RULE_PREFIX": names.rule_prefix,
        "JOBHOOK_RULE_QUOTA": ref("RuleQuota"),
        "JOBHOOK_DISPATCH_ARN": arn(DISPATCH.logical_id),
        "JOBHOOK_RULE_DEAD_LETTER_ARN": arn(RULE_DEAD_LETTERS.logical_id),
        _NETWORKS: ref("AllowedTargetNetworks"),
        "JOBHOOK_BASE_URL": where(NO_OWN_ADDRESS, api_address(names), ref("CallbackAddress")),
    }


def _log_group(names: Names, function: Function) -> Json:
    name = f"/jobhook/{names.stage}/{function.name.replace('_', '-')}"
    return resource("AWS::Logs::LogGroup", {"LogGroupName": name, "RetentionInDays": ref("LogRetentionDays")})
