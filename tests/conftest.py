"""What holds for every test: the same generated examples everywhere, and a home of its own.

Servers make their signing key at home, and clients read their settings there: neither may be the
developer's. The compiled kernels stay where they are.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("honghe", derandomize=True, database=None, deadline=None)
settings.load_profile("honghe")

_HOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "honghe"
    os.environ.setdefault("HONGHE_CACHE_DIR", str(cache))
    config.stash[_HOME] = os.environ["HOME"] = tempfile.mkdtemp(prefix="honghe-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)
