"""The stack's outer edges: API Gateway, EventBridge, and a service that gets webhooks."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import cast
from urllib.parse import parse_qsl

from infra.template.intrinsics import Json
from jobhook.core.times import to_rfc3339
from tests.chalicelib.moto_stack import Service, _listening
from tests.infra.stack.adapted import of_kind
from tests.infra.stack.calls import ACCOUNT, REGION
from tests.infra.stack.deployment import Deployment


@dataclass
class Reply:
    """An answer of the API."""

    status: int
    document: Json


@dataclass
class Api:
    """The deployed API: finds the route of a path in the deployed definition, as API Gateway does."""

    deployment: Deployment
    signed_routes: set[str] = field(default_factory=set)

    def ask(self, method: str, path: str, document: object = None) -> Reply:
        """A request; those to signed routes come from a caller whom IAM has admitted."""
        path, _, query = path.partition("?")
        route, names = self._route(method, path)
        parameters = dict(parse_qsl(query)) or None
        lists = None if parameters is None else {name: [value] for name, value in parameters.items()}
        event: Json = {
            "resource": route,
            "path": path,
            "httpMethod": method,
            "headers": {"Content-Type": "application/json"},
            "multiValueHeaders": {"Content-Type": ["application/json"]},
            "queryStringParameters": parameters,
            "multiValueQueryStringParameters": lists,
            "pathParameters": names,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": route,
                "httpMethod": method,
                "stage": "prod",
                "identity": {"userArn": f"arn:aws:iam::{ACCOUNT}:user/ann"},
            },
            "body": None if document is None else json.dumps(document),
            "isBase64Encoded": False,
        }
        name = self.deployment.physical_id("APIHandler")
        answer = cast(Json, self.deployment.invoke(name, event))
        body = cast(str, answer["body"])
        return Reply(cast(int, answer["statusCode"]), json.loads(body) if body else {})

    def _route(self, method: str, path: str) -> tuple[str, dict[str, str]]:
        (api,) = of_kind(self.deployment.template, "AWS::ApiGateway::RestApi").values()
        body = cast(Json, cast(Json, api["Properties"])["Body"])
        for route, methods in cast(dict[str, dict[str, Json]], body["paths"]).items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route)
            found = re.fullmatch(pattern, path)
            if found and method.lower() in methods:
                if methods[method.lower()].get("security") == [{"sigv4": []}]:
                    self.signed_routes.add(route)
                return route, found.groupdict()
        raise AssertionError(f"the deployed API has no route for {method} {path}")


def fire(deployment: Deployment, time_ms: int) -> None:
    """Send what EventBridge sends for each rule of a schedule to the rule's own target, as the target permits it."""
    prefix = deployment.names.rule_prefix
    for rule in deployment.events.list_rules(NamePrefix=prefix)["Rules"]:
        event = {
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": to_rfc3339(time_ms),
            "region": REGION,
            "resources": [rule["Arn"]],
            "detail": {},
        }
        for target in deployment.events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            _check_permitted(deployment, target["Arn"], rule["Arn"])
            assert "DeadLetterConfig" in target, f"the target of rule {rule['Name']} has no dead-letter queue"
            deployment.invoke(target["Arn"], event)


def run_ended(deployment: Deployment, execution_id: str) -> Json:
    """Send what Step Functions reports of a run's end to the function that the rule names."""
    event: Json = {
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "detail": {"name": execution_id, "status": "FAILED"},
    }
    return _to_rule_target(deployment, "run-ended", event)


def reconcile(deployment: Deployment) -> Json:
    """The reconciler's own rule fires."""
    return _to_rule_target(deployment, "reconcile", {"detail-type": "Scheduled Event", "source": "aws.events"})


def _to_rule_target(deployment: Deployment, role: str, event: Json) -> Json:
    name = deployment.names.of(role)
    rule = deployment.events.describe_rule(Name=name)
    (target,) = deployment.events.list_targets_by_rule(Rule=name)["Targets"]
    _check_permitted(deployment, target["Arn"], rule["Arn"])
    return cast(Json, deployment.invoke(target["Arn"], event))


def _check_permitted(deployment: Deployment, function_arn: str, rule_arn: str) -> None:
    policy = json.loads(deployment.lambdas.get_policy(FunctionName=function_arn)["Policy"])
    for statement in policy["Statement"]:
        source = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "")
        if statement["Principal"] == {"Service": "events.amazonaws.com"} and fnmatchcase(rule_arn, source):
            return
    raise AssertionError(f"{function_arn} does not let EventBridge call it from {rule_arn}: {policy}")


@contextmanager
def listening_service() -> Iterator[Service]:
    """A service that listens on this machine."""
    service = Service()
    with _listening(service):
        yield service
