"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version


def _installed() -> str:
    try:
        return version("honghe")
    except PackageNotFoundError:  # run from a checkout without an install
        return "0.1.0"


VERSION = _installed()
