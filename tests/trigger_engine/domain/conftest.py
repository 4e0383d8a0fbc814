"""Property tests: no deadline and no verdict on speed, since a busy machine is no fault of what is tested."""

from hypothesis import HealthCheck, settings

settings.register_profile("rung", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rung")
