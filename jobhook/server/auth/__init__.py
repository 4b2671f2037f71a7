"""The parts of signature verification: what a request is, how it is refused, and what exactly was signed."""
