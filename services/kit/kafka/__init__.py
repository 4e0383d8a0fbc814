"""Kafka as all services use it: names, partitions, reading a log, sending with an answer."""
