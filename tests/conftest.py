"""Settings for all tests."""

from hypothesis import settings

# A busy machine is no reason to fail: how long an example takes says nothing about what it claims.
settings.register_profile("portability", deadline=None)
settings.load_profile("portability")
