"""Pure rules and value objects: no clock, no sockets, no storage."""
