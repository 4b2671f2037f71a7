"""The state machine engine's core: reads Amazon States Language and decides each step of an execution, without I/O."""
