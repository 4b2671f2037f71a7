"""One view a route: parse the request, run one use case, render the answer."""
