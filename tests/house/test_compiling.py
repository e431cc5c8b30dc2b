"""Whatever the server calls of the kernels is compiled before it listens, not when first asked."""

import json
import subprocess
import sys

import pytest

from server.compiling import compile_kernels
from server.engine.jit import DISABLED

# In a process of its own: here any test before may have called an entry, and so compiled it.
PROGRAM = """
import json, sys
from server.compiling import compile_kernels
import server.app
from server.engine.jit import numba
compile_kernels(lambda _: None)
found = {}
for name, module in list(sys.modules.items()):
    for each in vars(module).values() if name.startswith("server.engine.") else ():
        if isinstance(each, numba.core.dispatcher.Dispatcher) and each.py_func.__module__ == name:
            if not isinstance(each._cache, numba.core.caching.NullCache):  # a part of an entry
                found[f"{name}.{each.__name__}"] = len(each.signatures)
print(json.dumps(found))
"""


@pytest.mark.skipif(DISABLED, reason="nothing is compiled")
def test_every_entry_is_compiled() -> None:
    compile_kernels(lambda _: None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )
    found: dict[str, int] = json.loads(done.stdout)
    assert {"server.engine.kernel.run", "server.engine.assess.refund_of"} <= found.keys()
    assert [name for name, signatures in found.items() if not signatures] == []
