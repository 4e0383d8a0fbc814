"""The oracle: works out from the logs alone what the engine must have published, and compares.

Reads       rung.playbooks, rung.usage, rung.responses, rung.engine-journal; of those follows everything else
Compares    rung.offers, rung.outcomes, rung.decisions, rung.dead-letters, rung.engine-state, rung.engine-seen
Imports     nothing of the product; it meets it on the wire alone
Style       plain and slow rather than clever: whoever reads it must be able to see that it is right
"""
