"""Kafka without Kafka: a broker in memory behind the engine's ports, for simulations and tests.

It keeps to what the engine relies on, and to what the engine must survive: transactions with markers that take offsets,
epochs that fence, a last stable offset that stands still, answers that do not come, frames that come late or twice.
What goes wrong, and when, is not decided here but by the `Network` that the caller hands in.
"""
