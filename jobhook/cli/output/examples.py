"""The examples under a command's help."""


def examples(*lines: str) -> str:
    """An epilogue with these command lines, each on a line of its own."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
