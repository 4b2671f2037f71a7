"""The API: who may come in, how fast, what is logged, and its own errors in the contract's form."""

import json
from collections.abc import Mapping

from infra.template.functions import BOUNDARY, IS_PRIVATE
from infra.template.intrinsics import NO_VALUE, Json, arn, ref, resource, sub, where
from infra.template.names import Names

CALLBACK = "/callback/*"
_LOG_POLICY = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
_CALLBACK_METHOD = "/~1callback~1{guid}~1{token}"  # so API Gateway wants slashes written
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "caller": "$context.identity.userArn",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "latency": "$context.responseLatency",
    "length": "$context.responseLength",
}
"""The route as it is declared, never the path: a callback's path is its credential."""

_ERRORS: Mapping[str, tuple[int, str, str]] = {
    "ACCESS_DENIED": (403, "AccessDenied", "the caller may not do this; its IAM policy or the API's does not allow it"),
    "AUTHORIZER_FAILURE": (403, "AccessDenied", "the caller could not be verified"),
    "EXPIRED_TOKEN": (403, "RequestExpired", "the signature or its session has expired; sign again"),
    "INVALID_SIGNATURE": (403, "InvalidSignature", "the signature does not match this request and a known access key"),
    "MISSING_AUTHENTICATION_TOKEN": (
        403,
        "MissingAuthenticationToken",
        "the request is not signed, or there is nothing at this path",
    ),
    "UNAUTHORIZED": (403, "AccessDenied", "the caller may not do this"),
    "RESOURCE_NOT_FOUND": (404, "NotFound", "there is nothing at this path"),
    "BAD_REQUEST_BODY": (400, "BadRequest", "this request cannot be answered as it asks to be"),
    "BAD_REQUEST_PARAMETERS": (400, "BadRequest", "this request cannot be answered as it asks to be"),
    "REQUEST_TOO_LARGE": (413, "PayloadTooLarge", "the request is larger than the API takes"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "UnsupportedMediaType", "the body must be application/json"),
    "THROTTLED": (429, "TooManyRequests", "too many requests at once; try again in a moment"),
    "QUOTA_EXCEEDED": (429, "TooManyRequests", "too many requests; try again later"),
    "WAF_FILTERED": (403, "AccessDenied", "the request was filtered out"),
    "API_CONFIGURATION_ERROR": (500, "InternalError", "something went wrong here; trying again may help"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "InternalError", "something went wrong here; trying again may help"),
    "INTEGRATION_FAILURE": (503, "Unavailable", "something went wrong here; trying again may help"),
    "INTEGRATION_TIMEOUT": (504, "Unavailable", "no answer in time; trying again may help"),
}


def api(names: Names) -> Json:
    """What is merged into Chalice's API, and the log of its requests."""
    return {
        "RestAPI": {
            "Properties": {
                "Name": names.stack,
                "EndpointConfiguration": {
                    "Type": where(IS_PRIVATE, "PRIVATE", "REGIONAL"),
                    "VPCEndpointIds": where(IS_PRIVATE, [ref("VpcEndpoint")], NO_VALUE),
                },
                "TracingEnabled": False,  # it would record callback URLs
                "AccessLogSetting": {"DestinationArn": arn("AccessLogs"), "Format": json.dumps(_LOGGED)},
                "MethodSettings": [
                    _throttle("/*", "*", "ApiRate", "ApiBurst"),
                    _throttle(_CALLBACK_METHOD, "POST", "CallbackRate", "CallbackBurst"),
                ],
                "DefinitionBody": {
                    "x-amazon-apigateway-policy": _resource_policy(),
                    "x-amazon-apigateway-gateway-responses": {
                        **{kind: _error(*error) for kind, error in _ERRORS.items()},
                        "DEFAULT_4XX": _error(None, "BadRequest", "this request cannot be answered as it asks to be"),
                        "DEFAULT_5XX": _error(
                            None, "InternalError", "something went wrong here; trying again may help"
                        ),
                    },
                },
            },
        },
        "AccessLogs": resource(
            "AWS::Logs::LogGroup",
            {
                "LogGroupName": f"/jobhook/{names.stage}/access",
                "RetentionInDays": ref("LogRetentionDays"),
                # The stage names this log, and by this waits for the role where the stack makes it.
                "Tags": [{"Key": "role", "Value": where("SetApiGatewayLogRole", ref("ApiGatewayAccount"), "exists")}],
            },
        ),
        **_log_account(),
    }


def _throttle(path: str, method: str, rate: str, burst: str) -> Json:
    return {
        "ResourcePath": path,
        "HttpMethod": method,
        "ThrottlingRateLimit": ref(rate),
        "ThrottlingBurstLimit": ref(burst),
        "LoggingLevel": "OFF",  # the execution log records whole URLs
        "DataTraceEnabled": False,
        "MetricsEnabled": False,
    }


def _resource_policy() -> Json:
    """Callbacks from anywhere, as their URL is the credential; all else from this account, and then by IAM's leave.

    Of a private API, both through its endpoint alone.
    """
    callbacks = f"execute-api:/*/POST{CALLBACK}"
    beside_endpoint: Json = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": ref("VpcEndpoint")}},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": callbacks},
            {
                "Effect": "Allow",
                "Principal": {"AWS": ref("AWS::AccountId")},
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            },
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "NotResource": callbacks,
                "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ref("AWS::AccountId")}},
            },
            where(IS_PRIVATE, beside_endpoint, NO_VALUE),
        ],
    }


def _error(status: int | None, code: str, message: str) -> Json:
    template = json.dumps({"code": code, "message": message}, separators=(",", ":"))
    answered: Json = {"responseTemplates": {"application/json": template}}
    return answered if status is None else {"statusCode": status, **answered}


def _log_account() -> Json:
    """API Gateway writes access logs only where the account names a role for it, one for all its APIs."""
    return {
        "ApiGatewayLogRole": resource(
            "AWS::IAM::Role",
            {
                **BOUNDARY,
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "apigateway.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                },
                "ManagedPolicyArns": [sub(_LOG_POLICY)],
            },
            Condition="SetApiGatewayLogRole",
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        ),
        "ApiGatewayAccount": resource(
            "AWS::ApiGateway::Account",
            {"CloudWatchRoleArn": arn("ApiGatewayLogRole")},
            Condition="SetApiGatewayLogRole",
            DeletionPolicy="Retain",
            UpdateReplacePolicy="Retain",
        ),
    }
