"""A disk in memory underneath SQLite: what a process sees, and what a power cut would leave of it.

Every call that could change it is an `Operation`, counted from 1; `Disk.fault` sees each before it
takes effect and may raise, or let a part of it through. The power cut is harsher than most disks:
of what was written since a file's last sync any sectors may be there or not, in any order, and a
new file's name is only sure once its directory was synced.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import apsw

SECTOR = 512
_SYNCS_DIRECTORY = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL  # as SQLite's unix VFS does


@dataclass(frozen=True)
class Operation:
    """One call about to take effect; `size` is of a write, in bytes."""

    number: int
    kind: str  # open, write, truncate, sync, lock, delete, sync_directory
    file: str
    size: int = 0
    part: Callable[[int], None] = field(default=lambda _: None, repr=False)  # writes so many bytes
    lose: Callable[[], None] = field(default=lambda: None, repr=False)  # see `File.forget`

    def __str__(self) -> str:
        return f"operation {self.number}, {self.kind} {self.file} {self.size or ''}".rstrip()


class Fault(Protocol):
    def __call__(self, operation: Operation) -> None:
        """Raises what the caller is to get; returns for an operation that is to succeed."""
        ...


class File:
    """`content` is what a process reads, `durable` what is on the disk for certain."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = bytearray(content)
        self.durable = bytes(content)
        self.is_named = False  # durably, in its directory
        self._unsynced: list[tuple[int, bytes | None]] = []  # None: cut there

    def write(self, data: bytes, offset: int) -> None:
        _put(self.content, data, offset)
        for start, piece in _sectors(data, offset):
            self._unsynced.append((start, piece))

    def truncate(self, size: int) -> None:
        _cut(self.content, size)
        self._unsynced.append((size, None))

    def sync(self) -> None:
        self.durable = self.on_disk(lambda: True)
        self._unsynced.clear()

    def forget(self) -> None:
        """After a failed sync: the cache still shows what no later sync will write."""
        self._unsynced.clear()

    def on_disk(self, kept: Callable[[], bool]) -> bytes:
        """The file after a power cut; `kept` decides on each unsynced sector in turn."""
        image = bytearray(self.durable)
        for offset, data in self._unsynced:
            if kept():
                _cut(image, offset) if data is None else _put(image, data, offset)
        return bytes(image)


def _put(image: bytearray, data: bytes, offset: int) -> None:
    if len(image) < offset:
        image.extend(bytes(offset - len(image)))
    image[offset : offset + len(data)] = data


def _cut(image: bytearray, size: int) -> None:
    del image[size:]
    image.extend(bytes(size - len(image)))


def _sectors(data: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    end = offset + len(data)
    while offset < end:
        length = min(end, (offset // SECTOR + 1) * SECTOR) - offset
        yield offset, data[len(data) - (end - offset) :][:length]
        offset += length


class Disk:
    """The files of one directory by name, all of `files` durable. See `mounted`."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.name = f"disk-{id(self)}"
        self.files = {name: File(content) for name, content in (files or {}).items()}
        self._removed: dict[str, File] = {}  # until the directory is synced they may come back
        self.trace: list[Operation] = []
        self.fault: Fault = lambda _: None
        self.on_read: Callable[[], None] = lambda: None  # may raise
        self._name_files()

    def operate(self, kind: str, file: str, size: int = 0, **effects: Callable[..., None]) -> None:
        """Counts an operation that is about to happen, and raises if it is to fail."""
        operation = Operation(len(self.trace) + 1, kind, file, size, **effects)
        self.trace.append(operation)
        self.fault(operation)

    def sync_directory(self, directory: Path) -> None:
        self.operate("sync_directory", directory.name)
        self._name_files()

    def write_again(self, path: Path) -> None:
        if path.name in self.files:
            self.write(path.name, bytes(self.files[path.name].content), 0)
            self.sync(path.name, names_files=False)

    def _name_files(self) -> None:
        self._removed.clear()
        for file in self.files.values():
            file.is_named = True

    def create(self, name: str) -> None:
        self.operate("open", name)
        self.files[name] = File()

    def delete(self, name: str) -> None:
        self.operate("delete", name)
        removed = self.files.pop(name)
        if removed.is_named:
            self._removed[name] = removed

    def write(self, name: str, data: bytes, offset: int) -> None:
        file = self.files[name]

        def part(length: int) -> None:
            file.write(data[:length], offset)

        self.operate("write", name, len(data), part=part)
        part(len(data))

    def sync(self, name: str, names_files: bool) -> None:
        file = self.files[name]
        self.operate("sync", name, lose=file.forget)
        file.sync()
        if names_files:
            self._name_files()

    def restarted(self) -> "Disk":
        """The disk as a new process finds it: the last one was killed, the machine went on."""
        return Disk({name: bytes(file.content) for name, file in self.files.items()})

    def after_power_cut(self, seed: int | None = None) -> "Disk":
        """What is left; of what was not synced a part by the seed, or nothing at all."""
        chance = random.Random(seed)

        def kept() -> bool:
            return seed is not None and chance.random() < 0.5

        left = {name: file for name, file in self._removed.items() if kept()}
        left |= {name: file for name, file in self.files.items() if file.is_named or kept()}
        return Disk({name: file.on_disk(kept) for name, file in left.items()})


class _OpenFile:
    """What SQLite holds; the lock is nobody else's, since a disk has one process."""

    def __init__(self, disk: Disk, name: str, flags: int) -> None:
        self._disk = disk
        self._name = name
        self._names_files = bool(flags & _SYNCS_DIRECTORY)
        self._file = disk.files[name]

    def xRead(self, amount: int, offset: int) -> bytes:
        self._disk.on_read()
        return bytes(self._file.content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.write(self._name, bytes(data), offset)

    def xTruncate(self, size: int) -> None:
        self._disk.operate("truncate", self._name)
        self._file.truncate(size)

    def xSync(self, flags: int) -> None:
        self._disk.sync(self._name, self._names_files)

    def xLock(self, level: int) -> None:
        self._disk.operate("lock", self._name)

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileSize(self) -> int:
        return len(self._file.content)

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 4096

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:
        pass


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        super().__init__(disk.name, "")
        self._disk = disk

    def xOpen(self, name: object, flags: list[int]) -> _OpenFile:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        key = Path(path).name
        if key not in self._disk.files:
            self._disk.create(key)
        flags[1] = flags[0]
        return _OpenFile(self._disk, key, flags[0])

    def xAccess(self, pathname: str, flags: int) -> bool:
        return Path(pathname).name in self._disk.files

    def xDelete(self, filename: str, syncdir: bool) -> None:
        name = Path(filename).name
        if name not in self._disk.files:
            raise apsw.IOError("there is no such file")
        self._disk.delete(name)


@contextmanager
def mounted(disk: Disk) -> Iterator[Disk]:
    """SQLite reaches `disk` as the VFS of its name while the block runs."""
    vfs = _Vfs(disk)
    try:
        yield disk
    finally:
        vfs.unregister()
