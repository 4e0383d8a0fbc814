"""The engine's ends: bytes to inputs, and Kafka behind the ports."""
