"""Kafka as all services use it: names, partitions, reading a log, sending with an answer.

All clients that are made where something of this is imported are patient: `services.kit.kafka.patience`.
"""

from services.kit.kafka import patience as patience
