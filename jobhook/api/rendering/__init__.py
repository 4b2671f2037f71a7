"""How jobs, executions and answers are written as JSON documents."""
