"""Metrics sink: what became of the offers, as numbers.

Consumes   rung.outcomes, rung.decisions, rung.playbooks
Emits      rung.dead-letters, rung.playbooks (a pause, when an offer broke its stop_if for certain)
Owns       the tables outcomes, facts, decisions and erasures, the views over them, attribution (which offer a
           conversion is credited to, decided here and nowhere else), and the figures of its /metrics
Not ours   judging an offer's life (trigger_engine), showing offers (offer_api)
Guarantee  each outcome, fact and decision is counted once: rows and position change in one transaction;
           what is from before an account's erasure is not added, whenever it is read
"""
