"""The shared memory between a crawl and its writer: what was put in comes out, in order, and is never written over."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from pipelines.writer import Ring


@given(st.lists(st.one_of(st.integers(1, 60), st.none()), max_size=200))
def test_bytes_stay_until_they_are_freed(steps: list[int | None]) -> None:
    ring, inside = Ring(128), deque[tuple[tuple[int, int], bytes]]()
    for number, length in enumerate(steps):
        if length is None:
            if inside:
                ring.free()
                inside.popleft()
        else:
            data = bytes([number % 256]) * length
            place = ring.put(data)
            if place is not None:
                inside.append((place, data))
            else:
                assert inside, "an empty ring takes whatever fits"
        assert all(ring.get(place) == data for place, data in inside)


def test_what_is_larger_than_the_ring_finds_no_room() -> None:
    ring = Ring(4096)
    assert ring.put(b"x" * 4097) is None
    assert ring.put(b"x" * 4096) == (0, 4096)
    assert ring.put(b"x") is None
