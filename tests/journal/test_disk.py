"""The disk is measured in place and the measure leaves nothing behind."""

from pathlib import Path

from server.journal.disk import DiskSpeed, measure_disk


def test_measuring_leaves_the_directory_as_it_was(tmp_path: Path) -> None:
    speed = measure_disk(tmp_path)
    assert 0 < speed.p50_us <= speed.max_us
    assert list(tmp_path.iterdir()) == []


def test_a_fast_disk_commits_in_the_loop_and_a_slow_one_in_a_thread() -> None:
    assert DiskSpeed(p50_us=999, max_us=9_000).commit_in_loop
    assert not DiskSpeed(p50_us=1_000, max_us=1_000).commit_in_loop
