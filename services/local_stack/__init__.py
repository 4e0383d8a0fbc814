"""Local stack: a real Apache Kafka and a real PostgreSQL on this machine, for development, tests and the demo.

Owns       the processes of one stack, their ports, data, logs, and the downloads they are made from
Not ours   what the services do; how the product is deployed (deploy/)
Guarantee  nothing that a stack started outlives its supervisor, and no supervisor outlives the process it is
           tied to, also when either is killed by SIGKILL; what a part acknowledged survives SIGKILL of that part
           (not a power loss: neither server waits for the disk)

Linux only: it rests on the parent-death signal, pidfds and /proc.
"""
