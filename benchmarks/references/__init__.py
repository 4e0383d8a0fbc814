"""Other engines on the same job. Each runs as a process of its own, in an environment of its own, and prints progress."""
