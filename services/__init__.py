"""The services of Rung, in the order of the flow.

usage events  ─ rung.usage ─▶  trigger_engine  ─ rung.offers ─▶  offer_api  ─ REST + SSE ─▶  front ends
responses     ─ rung.responses ─▶  trigger_engine  ─ rung.outcomes ─▶  metrics_sink  ─▶  PostgreSQL, Prometheus
They meet only through ``schemas``; ``kit`` serves them all and knows none of them.
"""
