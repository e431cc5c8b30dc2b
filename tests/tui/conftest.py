"""Fixtures of the client's tests."""

from collections.abc import AsyncIterator

import pytest

from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def hands() -> Hands:
    return Hands()
