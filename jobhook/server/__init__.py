"""The one-machine server: SQLite, a clock, the state machine engine and HTTP in one process."""
