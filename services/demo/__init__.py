"""Demo: a made-up storage product and its customers, played against the real thing.

Consumes   rung.decisions, rung.offers, rung.dead-letters (to show them), the offer API, the funnel
Emits      rung.usage, responses through the offer API
Owns       who the customers are, what they do and when; what of it is shown
Not ours   the stack (local_stack), and everything that is decided
Guarantee  the same seed plays the same stories; nothing that it started outlives it
"""
