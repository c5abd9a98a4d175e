from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from viewer.session.cache import BoundedCache

OPERATIONS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60)


@given(OPERATIONS)
def test_the_bound_holds_and_the_sum_is_true(operations):
    cache: BoundedCache[int, bytes] = BoundedCache(100, len)
    for key, size in operations:
        cache.put(key, b"x" * size)
        kept = {k: cache.get(k) for k in list(cache)}
        assert cache.used == sum(len(value) for value in kept.values() if value is not None)
        assert cache.used <= 100
        assert key in cache


def test_the_least_recently_used_goes_first():
    cache: BoundedCache[str, bytes] = BoundedCache(30, len)
    for key in "abc":
        cache.put(key, b"0123456789")
    assert cache.get("a")
    cache.put("d", b"0123456789")
    assert list(cache) == ["c", "a", "d"]


def test_what_is_larger_than_the_bound_is_not_kept():
    cache: BoundedCache[str, bytes] = BoundedCache(5, len)
    cache.put("a", b"123")
    cache.put("a", b"123456")
    assert "a" not in cache
    assert cache.used == 0
    assert cache.get("a") is None
    cache.put("b", b"1")
    cache.clear()
    assert (len(cache), cache.used) == (0, 0)
