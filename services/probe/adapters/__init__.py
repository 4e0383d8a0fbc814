"""The probe's ways to Kafka and to the offer API."""
