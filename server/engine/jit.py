"""How the kernels are compiled, and where the compiled code is kept.

numba keys its cache by one function's own file, so a change in another file would silently run old
code. The cache directory's name therefore carries a digest of every kernel file and of the
versions underneath; it must be set before numba is imported, which is why everyone who needs numba
takes it from here.
"""

import hashlib
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Files that no kernel sees; all others of the engine are compiled in or shape what is.
_PLAIN = {
    *("bare_run", "building", "building_actions", "building_risk", "copying", "engine", "queries"),
    *("supposing", "tables", "terms", "what_if"),
}
_SOURCES = [path for path in sorted(Path(__file__).parent.glob("*.py")) if path.stem not in _PLAIN]


def _digest() -> str:
    seen = hashlib.blake2b(digest_size=8)
    for part in (version("numba"), version("numpy"), platform.python_version()):
        seen.update(part.encode())
    for source in _SOURCES:
        seen.update(source.read_bytes())
    return seen.hexdigest()


def _cache_root() -> Path:
    chosen = os.environ.get("HONGHE_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "honghe"


CACHE_DIR = _cache_root() / f"kernels-{_digest()}"
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_DIR)

import numba  # noqa: E402
from llvmlite import ir  # noqa: E402
from numba import types  # noqa: E402
from numba.core import cgutils  # noqa: E402
from numba.extending import intrinsic, overload  # noqa: E402

DISABLED = bool(numba.config.DISABLE_JIT)  # type: ignore[attr-defined]

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "boundscheck": True}
# Only kernels call these, so what Python would need to call them is left out.
_INNER: dict[str, Any] = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

Kernel = Callable[..., Any]


def kernel(function: Kernel) -> Kernel:
    """Compiles a part of the engine.

    Without numba's runtime (`_nrt`) no reference counts are kept, so handing the tables from part
    to part costs nothing; the price is that a part cannot allocate, which it must not anyway.
    """
    return numba.njit(**_INNER, **_OPTIONS)(function)


def entry(function: Kernel) -> Kernel:
    """Compiles a function that Python calls; its code, with all it calls, is cached on disk."""
    return numba.njit(cache=True, **_OPTIONS)(function)


__all__ = [
    "CACHE_DIR",
    "DISABLED",
    "Kernel",
    "cgutils",
    "entry",
    "intrinsic",
    "ir",
    "kernel",
    "overload",
    "types",
]
