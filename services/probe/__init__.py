"""Probe: accounts of its own that go through the whole flow, measured from outside.

Consumes   HTTP of the offer API: GET offers and their stream, as any front end
Emits      rung.usage (an erasure and an event of its own accounts)
Owns       accounts whose ids begin with ``rung-probe:``, and how long their offers take
Not ours   judging them (trigger_engine), showing their offers (offer_api); nobody counts them (metrics_sink)
Guarantee  each partition is asked in turn; what it leaves is bounded, for each pass begins by erasing its account
"""
