"""How a service tells what it does: logs, metrics, and the small listener that serves health and metrics."""
