"""A page of `docs/` that a program yields: written, or compared with what is there."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path


def write_or_check(path: Path, page: Callable[[], str], argv: list[str]) -> int:
    """Exit codes: 0 written, or as it should be; 1 `--check` found another page."""
    parser = argparse.ArgumentParser(description=f"writes docs/{path.name}")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(argv)
    text = page()
    if not options.check:
        path.write_text(text, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return 0
    print(f"{path.name} is not what the generator yields; run it", file=sys.stderr)
    return 1
