"""Every answer, webhook and callback of Jobhook, typed once.

The types are dictionaries as JSON has them (`TypedDict`); a `Field` adds the description and limits of a value. The
client, the command line, the API and its OpenAPI description all use them. Only the standard library is imported here.
"""
