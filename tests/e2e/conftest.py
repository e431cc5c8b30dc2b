"""Every test here starts real servers: the kernels are compiled once, before the first."""

import pytest

from server.compiling import compile_kernels


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    compile_kernels(print)
