import json
from typing import cast

import pytest

from infra.template.intrinsics import Json
from tests.infra.evaluated import with_parameters
from tests.infra.reading import items, part, properties, the_template

CONTRACT_STATUSES = {400, 403, 404, 413, 415, 429, 500, 503, 504}


def gateway_responses() -> Json:
    return part(properties("RestAPI"), "DefinitionBody", "x-amazon-apigateway-gateway-responses")


def test_every_answer_of_the_gateway_has_the_contracts_form() -> None:
    for kind in gateway_responses():
        answer = part(gateway_responses(), kind)
        document = json.loads(cast(str, part(answer, "responseTemplates")["application/json"]))
        assert set(document) == {"code", "message"}
        assert answer.get("statusCode", 500) in CONTRACT_STATUSES
        assert "$context" not in json.dumps(answer)


@pytest.mark.parametrize("kind", ["DEFAULT_4XX", "DEFAULT_5XX"])
def test_what_is_not_foreseen_keeps_its_status(kind: str) -> None:
    assert "statusCode" not in part(gateway_responses(), kind)


def test_the_access_log_holds_the_route_and_never_the_path() -> None:
    written = cast(str, part(properties("RestAPI"), "AccessLogSetting")["Format"])
    assert "$context.resourcePath" in written
    fields = set(json.loads(written).values())
    assert fields.isdisjoint({"$context.path", "$context.requestOverride.path.token", "$context.customDomain.basePath"})
    assert not any("header" in field or "querystring" in field for field in fields)


def test_neither_traces_nor_execution_logs_record_callback_urls() -> None:
    api = properties("RestAPI")
    assert api["TracingEnabled"] is False
    for setting in items(api, "MethodSettings"):
        assert (setting["LoggingLevel"], setting["DataTraceEnabled"]) == ("OFF", False)


def test_callbacks_have_a_pace_of_their_own() -> None:
    paths = {
        setting["ResourcePath"]: setting["ThrottlingRateLimit"]
        for setting in items(properties("RestAPI"), "MethodSettings")
    }
    assert paths == {"/*": {"Ref": "ApiRate"}, "/~1callback~1{guid}~1{token}": {"Ref": "CallbackRate"}}


def test_anybody_may_call_back_and_only_this_account_may_do_anything_else() -> None:
    callbacks, account, others = statements()
    assert (callbacks["Effect"], callbacks["Principal"], callbacks["Resource"]) == (
        "Allow",
        "*",
        "execute-api:/*/POST/callback/*",
    )
    assert account["Principal"] == {"AWS": {"Ref": "AWS::AccountId"}}
    assert (others["Effect"], others["NotResource"]) == ("Deny", callbacks["Resource"])
    assert others["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}


def statements(**parameters: str) -> list[Json]:
    """Of the resource policy, with these parameters."""
    api = cast(Json, with_parameters(the_template(), parameters)["RestAPI"]["Properties"])
    return items(part(api, "DefinitionBody", "x-amazon-apigateway-policy"), "Statement")


def test_a_private_api_lets_nobody_in_but_through_its_endpoint_and_calls_back_there() -> None:
    *public, beside = statements(VpcEndpoint="vpce-1")
    assert public == statements()
    assert (beside["Effect"], beside["Resource"]) == ("Deny", "execute-api:/*")
    assert beside["Condition"] == {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
    made = with_parameters(the_template(), {"VpcEndpoint": "vpce-1"})
    api, invoke = (cast(Json, made[name]["Properties"]) for name in ("RestAPI", "Invoke"))
    assert api["EndpointConfiguration"] == {"Type": "PRIVATE", "VPCEndpointIds": ["vpce-1"]}
    address = "https://${RestAPI}-vpce-1.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod"
    assert part(invoke, "Environment", "Variables")["JOBHOOK_BASE_URL"] == {"Fn::Sub": address}


def test_a_domain_of_ones_own_is_in_the_callback_urls_of_webhooks_and_of_test_calls_alike() -> None:
    def base_urls(**parameters: str) -> list[object]:
        made = with_parameters(the_template(), parameters)
        functions = [cast(Json, made[name]["Properties"]) for name in ("Invoke", "APIHandler")]
        return [part(one, "Environment", "Variables").get("JOBHOOK_BASE_URL") for one in functions]

    assert base_urls(CallbackAddress="https://jobs.example.com") == ["https://jobs.example.com"] * 2
    assert base_urls()[1] is None  # the API's own address, which the function reads from the request


def test_the_state_machines_log_holds_no_data() -> None:
    assert part(properties("StateMachine"), "LoggingConfiguration")["IncludeExecutionData"] is False
