"""What is wrong with a data file, said so that its owner can mend it."""

from pathlib import Path


class BadFile(ValueError):
    """A file that is not what a replay needs: names file, line and column, and what would pass.

    `line` counts from 1 as an editor does and is 0 when the fault is the whole file's; `column` is
    the header's own spelling, empty when it is the row's.
    """

    def __init__(self, path: Path, zh: str, en: str, line: int = 0, column: str = "") -> None:
        self.path, self.line, self.column = path, line, column
        self.zh = (
            f"{path}{f' 第{line}行' if line else ''}{f' 列「{column}」' if column else ''}:{zh}"
        )
        place = f"{f', line {line}' if line else ''}{f', column {column}' if column else ''}"
        self.en = f"{path}{place}: {en}"
        super().__init__(f"{self.zh}\n{self.en}")


class NothingThen(BadFile):
    """The files are good, and hold nothing between the dates asked for."""
