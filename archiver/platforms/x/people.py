"""Whose account on X a name is, asked of the paid API: for names that no file, no page and Wikidata does not know.

Belongs here: the request and its reading. A name that two accounts have is nobody's. Anybody may take any name, so what is found says
who to ask, and never that the account is the quoted speaker's.
"""

from __future__ import annotations

import re

from archiver.platforms.accounts import fold
from archiver.platforms.failures import failure, understood
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_text, an_id, dicts, json_of
from archiver.platforms.steps import USERS, Answer, Reading, Step
from archiver.platforms.x import api
from archiver.reasons import PostOutcome

USERS_MAX = 5
"""Accounts that are paid for, each."""

_QUERY = re.compile(r"[A-Za-z0-9_' ]{2,50}")
"""The names that the endpoint takes."""


def users_step(name: str, options: PlatformOptions) -> Step | None:
    """The search for accounts of a name, refused without a token; None for a name that the endpoint does not take."""
    if not _QUERY.fullmatch(name):
        return None
    query = {"query": name, "max_results": str(USERS_MAX), "user.fields": "name,username,protected"}
    return api.request(USERS, "/2/users/search", query, USERS_MAX * api.USER_USD, options)


def read_users(answer: Answer, name: str) -> tuple[str, str | None] | None:
    """(username, number) of the one account that has this name; None when none has, when two have, and for any failure."""
    if failure(answer):
        return None
    try:
        found = dicts(json_of(answer), "data")
    except Unreadable:
        return None
    named = [user for user in found if fold(a_text(user, "name") or "") == fold(name) and a_text(user, "username")]
    return (a_text(named[0], "username") or "", an_id(named[0], "id")) if len(named) == 1 else None


def reading_of(answer: Answer) -> Reading:
    """What the answer is worth by itself: understood, or why not."""
    return Reading(PostOutcome.BLOCKED, "the bearer token was refused") if answer.status == 401 else understood(answer)
