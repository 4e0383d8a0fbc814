"""The shell around the core: partitions, state, commit, restore, timers. Knows Kafka's rules and nothing of offers."""
