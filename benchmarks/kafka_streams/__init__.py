"""The Kafka Streams app that ours is measured against."""
