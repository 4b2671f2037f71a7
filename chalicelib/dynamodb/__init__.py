"""The `Store` port on DynamoDB: one module a kind, the commits and the tables."""
