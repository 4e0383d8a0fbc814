"""Trigger engine: usage in, offers out.

Consumes   rung.usage, rung.responses, rung.playbooks
Emits      rung.offers, rung.outcomes, rung.decisions, rung.engine-{state,journal,seen}, rung.dead-letters
Owns       account state (meters, moments, caps, what a no closed), the decision, the life of an offer
Not ours   showing offers (offer_api), what they earned (metrics_sink)
Guarantee  each accepted event changes state once; each decision is published once; a crash at any point changes neither
"""
