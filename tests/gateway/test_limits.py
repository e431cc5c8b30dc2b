"""Token buckets: a burst, then a steady rate; keys have their own."""

from server.gateway.limits import SECOND_US, Throttle, TokenBucket


def test_a_burst_passes_and_then_one_a_period() -> None:
    bucket = TokenBucket(10, SECOND_US, burst=3, now=0)
    assert [bucket.take(0) for _ in range(4)] == [0, 0, 0, 100_000]
    assert bucket.take(40_000) == 60_000
    assert bucket.take(100_000) == 0
    assert bucket.take(100_000) == 100_000


def test_it_never_holds_more_than_the_burst() -> None:
    bucket = TokenBucket(10, SECOND_US, burst=2, now=0)
    later = 3_600 * SECOND_US
    assert [bucket.take(later) for _ in range(3)] == [0, 0, 100_000]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1, SECOND_US, burst=1, now=5 * SECOND_US)
    assert bucket.take(5 * SECOND_US) == 0
    assert bucket.take(0) == SECOND_US


def test_each_key_has_its_own_and_the_oldest_is_forgotten() -> None:
    throttle: Throttle[str] = Throttle(lambda now: TokenBucket(1, SECOND_US, 1, now), most=2)
    assert [throttle.take(key, 0) for key in "aab"] == [0, SECOND_US, 0]
    assert throttle.take("c", 0) == 0  # forgets a
    assert throttle.take("a", 0) == 0
