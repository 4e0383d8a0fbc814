"""The ports on PostgreSQL; all SQL of the sink is here."""
