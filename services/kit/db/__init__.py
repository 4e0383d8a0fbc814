"""PostgreSQL as all services use it: one engine, sessions that read, sessions that write, migrations.

Holds no SQL of a service: that lives in the service's ``adapters``.
"""
