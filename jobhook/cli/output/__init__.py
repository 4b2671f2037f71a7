"""What the command line prints: tables, JSON, errors and exit codes."""
