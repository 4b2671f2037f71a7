"""Proves a package without an account: `python -m infra.verify`, or `make verify-aws`."""
