"""The wire: all that crosses a process boundary, and nothing else.

A contract changes by addition or gets a new version. Producers and consumers are both tested on the golden messages in
``examples/``. ``make contracts`` writes ``json/`` and ``asyncapi.yaml`` from this code; a test holds them against it.
"""
