"""Every answer, webhook and callback of Jobhook, typed once.

The types are dictionaries as JSON has them (`TypedDict`); each field's `Field` says what a type cannot. The client, the
command line, the API and its OpenAPI description all use them. Nothing but the standard library is imported here.
"""
