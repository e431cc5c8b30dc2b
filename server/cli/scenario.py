"""`honghe scenario FILE…`: runs rule cases and prints the first difference of each that fails."""

import argparse
import logging
import sys
from pathlib import Path

import structlog

from server.scenarios.runner import Broken, Failed, Outcome, Passed, place_of, run_file
from server.scenarios.wording import Language, Text

EXIT_FAILED = 1
EXIT_UNREADABLE = 2


def run(argv: list[str]) -> int:
    """Exit codes: 0 all passed, 1 one failed, 2 wrong usage or a file that cannot be read."""
    options = _parser().parse_args(argv)
    paths = [Path(name) for name in options.files]
    missing = [path for path in paths if not path.is_file()]
    for path in missing:
        print(f"honghe scenario: 没有文件 / no such file: {path}", file=sys.stderr)
    if missing:
        return EXIT_UNREADABLE
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    passed = 0
    for path in paths:
        outcome = run_file(path)
        print(line_of(path.stem, outcome, options.lang))
        passed += isinstance(outcome, Passed)
    total = Text(f"{len(paths)} 个中 {passed} 个通过", f"{passed} of {len(paths)} passed")
    if len(paths) > 1:
        print(total.of(options.lang))
    return 0 if passed == len(paths) else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "honghe scenario", description="运行规则用例文件 / run files of rule cases"
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="TOML")
    parser.add_argument("--lang", choices=["zh", "en"], default="zh", help="语言 / language")
    return parser


def line_of(name: str, outcome: Outcome, language: Language) -> str:
    """One line for what passed; what failed has its difference below."""
    match outcome:
        case Passed(scenario, steps):
            title = Text(scenario.title, scenario.title_en).of(language)
            counted = Text(f"{steps} 步", f"{steps} steps").of(language)
            return f"✓ {name} [{scenario.section}] {title} ({counted})"
        case Failed(scenario, step, difference):
            title = Text(scenario.title, scenario.title_en).of(language)
            words = Text("应为", "expected").of(language), Text("实为", "got").of(language)
            return "\n".join(
                [
                    f"✗ {name} [{scenario.section}] {title}",
                    f"  {place_of(step).of(language)} · {difference.place.of(language)}",
                    f"    {words[0]}  {difference.expected.of(language)}",
                    f"    {words[1]}  {difference.got.of(language)}",
                ]
            )
        case Broken(text):
            return f"✗ {name}\n  {text.of(language)}"
