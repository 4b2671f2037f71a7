"""The API's description in OpenAPI 3.1. Only its own route imports it, so that other cold starts stay short."""
