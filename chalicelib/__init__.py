"""Everything that is shipped to Lambda: the rules, the use cases, their ports and the AWS adapters."""
