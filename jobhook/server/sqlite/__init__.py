"""Jobs, executions, the ledger and the state machine's runs in one SQLite file."""
