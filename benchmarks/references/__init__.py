"""Other engines on the same job: each a process of its own, in an environment of its own, that prints its progress."""
