"""The tools on a person's machine: the command line and the one-machine server."""
