"""What holds for every test: generated examples are the same in every run, on every machine."""

from hypothesis import settings

settings.register_profile("honghe", derandomize=True, database=None, deadline=None)
settings.load_profile("honghe")
