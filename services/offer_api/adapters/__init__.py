"""The outside: PostgreSQL, Kafka, the file of keys."""
