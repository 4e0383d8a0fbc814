"""Offer API: offers and decisions in, REST and server-sent events out.

Consumes   rung.offers, rung.decisions
Emits      rung.responses, rung.dead-letters
Owns       what is shown: the copy of every offer and decision in PostgreSQL, its streams, who may see it
Not ours   making and judging offers (trigger_engine), what they earned (metrics_sink)
Guarantee  a change is folded once; a response is acknowledged when Kafka has it, and at least once from there on
"""
