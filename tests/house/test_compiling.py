"""Whatever the server calls of the kernels is compiled before it listens, not when first asked."""

from types import ModuleType

import pytest

from server.compiling import compile_kernels
from server.engine import assess, kernel, rehash, systemic
from server.engine.jit import DISABLED, numba


@pytest.mark.skipif(DISABLED, reason="nothing is compiled")
@pytest.mark.parametrize(
    "module", [assess, kernel, rehash, systemic], ids=lambda module: module.__name__
)
def test_every_entry_is_compiled(module: ModuleType) -> None:
    compile_kernels(lambda _: None)
    entries = [
        each
        for each in vars(module).values()
        if isinstance(each, numba.core.dispatcher.Dispatcher)
        and each.py_func.__module__ == module.__name__
        and not isinstance(each._cache, numba.core.caching.NullCache)  # `kernel`, called by others
    ]
    assert entries
    assert [each.__name__ for each in entries if not each.signatures] == []
