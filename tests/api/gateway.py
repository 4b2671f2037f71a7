"""Events as API Gateway's REST API makes them."""

from typing import Any


def gateway_event(method: str, resource: str, names: dict[str, str] | None = None) -> dict[str, Any]:
    """A request to a route, with a JSON content type and no body."""
    return {
        "resource": resource,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"},
        "multiValueHeaders": {"Content-Type": ["application/json"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": names,
        "stageVariables": None,
        "requestContext": {"resourcePath": resource, "httpMethod": method, "stage": "prod"},
        "body": None,
        "isBase64Encoded": False,
    }
