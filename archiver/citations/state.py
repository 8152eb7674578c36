"""The JSON in a page's scripts, as texts that know where in their document they stand.

Belongs here: finding JSON values in a script, going through them within bounds, and whose words each part of a document holds. Which of
the texts is a post is for `scripts`. A page's state has tens of thousands of values, so a text gets its path only when it is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

STRINGS_MAX = 100_000
DEPTH_MAX = 200
TRIES_MAX = 20
"""Places of one script at which a JSON value may begin."""

TEXT_MIN = 12
"""Characters that a post's id or URL has at least."""

PROSE_MIN, SPACES_MIN = 80, 8
"""Characters and spaces that a text of prose has more of."""

_START = re.compile(r"[\[{]")
Key = str | int


@dataclass(slots=True, eq=False)
class Part:
    """An object or a list of a document: the one around it, its key there, and the characters of prose in it, ours and all."""

    above: Part | None
    key: Key
    whole: int = 0
    ours: int = 0


class Leaf(NamedTuple):
    """One string of a document: the object or list that holds it, its key there, itself."""

    part: Part
    key: Key
    text: str

    def path(self) -> Iterator[Key]:
        """The keys and numbers that lead to it, the last one first."""
        yield self.key
        part = self.part
        while part.above is not None:
            yield part.key
            part = part.above

    @property
    def prose(self) -> int:
        """The characters of a text that is prose, 0 for any other."""
        size = len(self.text)
        return size if size > PROSE_MIN and self.text.count(" ") > SPACES_MIN else 0


def documents(text: str) -> list[Any] | None:
    """The JSON values of a script, with or without JavaScript around them; None when there is none."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    at = 0
    tries = 0
    while tries < TRIES_MAX and (start := _START.search(text, at)):
        tries += 1
        try:
            value, end = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
            continue
        if end - start.start() > 100:
            found.append(value)
        at = end
    return found or None


def texts(document: Any) -> Iterator[str]:
    """Every string of a document that is long enough for an id, in no order and without its place: a first look."""
    stack = [document]
    while stack:
        inside = stack.pop()
        for value in inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ():
            if isinstance(value, str):
                if len(value) >= TEXT_MIN:
                    yield value
            elif value:
                stack.append(value)


def leaves(document: Any) -> list[Leaf]:
    """Every string of a document that is long enough for an id, in order, the first `STRINGS_MAX`; JSON inside a string is opened once."""
    found: list[Leaf] = []
    top = Part(None, "")
    stack = [(top, _inside(document), False)]
    while stack and len(found) < STRINGS_MAX:
        part, inside, nested = stack[-1]
        for key, value in inside:
            if isinstance(value, str):
                if len(value) < TEXT_MIN:
                    continue
                inner = None if nested or value[0] not in "{[" or len(value) <= 200 else _json(value)
                if inner is None:
                    found.append(Leaf(part, key, value))
                    continue
                stack.append((Part(part, key), _inside(inner), True))
                break
            if isinstance(value, (dict, list)) and value and len(stack) < DEPTH_MAX:
                stack.append((Part(part, key), _inside(value), nested))
                break
        else:
            stack.pop()
    return found


def _inside(value: Any) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return iter(enumerate(value)) if isinstance(value, list) else iter(())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def weigh(found: list[Leaf], is_ours: Callable[[str], bool]) -> None:
    """Tell every part of a document how many characters of prose it holds, and how many of them are this article's."""
    for leaf in found:
        if not (size := leaf.prose):
            continue
        own = is_ours(leaf.text)
        part: Part | None = leaf.part
        while part is not None:
            part.whole += size
            part.ours += size * own
            part = part.above
