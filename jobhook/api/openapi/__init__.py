"""The API's description in OpenAPI 3.1: imported only when it is asked for, so that no other cold start pays for it."""
