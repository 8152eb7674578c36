"""What a run's spiders share of asking for posts: limits are a crawl's, not a source's.

Belongs here: state for one run, found by its name. An endpoint that refused one source refuses the next one too; twenty queries are twenty,
however many outlets are crawled; and a post that two outlets cite is asked for once.
"""

from __future__ import annotations

from weakref import WeakValueDictionary

from archiver.platforms import wikidata
from archiver.platforms.conduct import Conduct
from archiver.platforms.steps import Answer

ANSWERS_MAX = 64
"""Answers to searches that are kept for the next quotation of the same author: an author's list of posts may have a megabyte."""


class Together:
    """`conduct`: how endpoints answered. `known`: the posts that somebody asks for, or did. `spending`: USD by article id.

    What was learnt of accounts: `looked_up` at Wikidata by (folded name, network), `homes` from outlets' own pages by (source, network);
    `asked_names` is the number of names that Wikidata was asked about.
    """

    def __init__(self) -> None:
        self.conduct = Conduct()
        self.known: set[tuple[str, str]] = set()
        self.spending: dict[str, float] = {}
        self.looked_up: dict[tuple[str, str], tuple[wikidata.Found, str] | None] = {}
        self.homes: dict[tuple[str, str], tuple[str, str] | None] = {}
        self.asked_names = 0
        self._answers: dict[str, Answer] = {}

    def answer(self, url: str) -> Answer | None:
        """What the run was answered when it asked a search for the same: one question a run, whoever has it."""
        return self._answers.get(url)

    def remember(self, url: str, answer: Answer) -> None:
        self._answers[url] = answer
        if len(self._answers) > ANSWERS_MAX:
            del self._answers[next(iter(self._answers))]

    @classmethod
    def of(cls, *run: str) -> Together:
        """That of a run, for as long as one of its spiders has it; `run` is its id and its folder."""
        found = _of_runs.get(run)
        if found is None:
            found = _of_runs[run] = cls()
        return found


_of_runs: WeakValueDictionary[tuple[str, ...], Together] = WeakValueDictionary()
