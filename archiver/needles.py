"""Many strings looked for in one pass over a page's bytes (Aho-Corasick). (Only importer of ahocorasick_rs.)

Belongs here: the choice of library and of its fastest form. What is looked for is its users' matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

PIECE = 2**18
"""Bytes that are searched in one go: the finder lists all that it meets, and a page may be made of it."""


class Needles:
    """Finds any of `strings` (UTF-8) in bytes. For texts in any case both are folded first: ASCII lower case is many times as fast."""

    def __init__(self, strings: Sequence[bytes]) -> None:
        self._finder = BytesAhoCorasick(strings, implementation=Implementation.DFA)
        self._overlap = max(map(len, strings)) - 1

    def find(self, content: bytes) -> Iterator[tuple[int, int]]:
        """(number of a string, first byte) of each place, overlapping ones too; those near the end of a piece may come twice."""
        view = memoryview(content)
        for begin in range(0, len(content), PIECE):
            piece = view[begin : begin + PIECE + self._overlap]
            for number, start, _ in self._finder.find_matches_as_indexes(piece, overlapping=True):
                yield number, begin + start
