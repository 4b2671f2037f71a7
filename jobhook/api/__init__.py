"""The edges: an HTTP request or an event in, one use case, an answer out."""
