"""How fast the engine is, each time against a reference that is measured in the same run.

Owns       the job, the runs, what is printed and written down
Not ours   whether it is right (tests/, oracle/)
Guarantee  no line without its reference, alternating with it, with median and spread
"""
