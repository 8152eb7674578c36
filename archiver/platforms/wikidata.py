"""Accounts of people and outlets from Wikidata, for names that neither a file nor the page knows.

Belongs here: the two requests (search by name, then the items' statements) and their reading. A name that two items share is
nobody's, also where only one of them has an account: namesakes are refused, never guessed. Wikidata is CC0; numbers of users are kept where an item has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from archiver.platforms.accounts import fold
from archiver.platforms.failures import failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_dict, a_text, dicts, json_of
from archiver.platforms.steps import Answer, Step

ITEMS_MAX = 7
PROPERTIES = {
    "x": "P2002",
    "mastodon": "P4033",
    "bluesky": "P12361",
    "facebook": "P2013",
    "instagram": "P2003",
    "youtube": "P2397",
    "linkedin": "P4264",
    "telegram": "P3789",
    "tiktok": "P7085",
    "truthsocial": "P10858",
}
"""Network -> the property that holds the username."""

INSTANCE_OF, END_TIME, START_TIME, NUMERIC_ID = "P31", "P582", "P580", "P6552"
DEATH = "P570"
HUMAN = "Q5"
_NOBODY = frozenset(
    {
        "Q4167410", "Q13406463", "Q4167836", "Q11266439",  # disambiguation page, list, category, template
        "Q101352", "Q202444", "Q12308941", "Q11879590", "Q3409032",  # family and given names
        "Q11424", "Q482994", "Q134556", "Q105543609", "Q7725634", "Q47461344", "Q3305213", "Q13442814", "Q5398426",  # works
    }
)  # fmt: skip
"""Classes of items that bear a name and post nothing."""

_ITEM = re.compile(r"Q\d{1,12}")
_TIME = re.compile(r"\+(\d{4})-(\d{2})-(\d{2})T")


class Found(NamedTuple):
    """An account of one item, "" for one that the network itself named. `user_id` is the network's number, where it is known."""

    username: str
    item: str
    user_id: str | None = None


def search_step(name: str, language: str, options: PlatformOptions) -> Step:
    """Items whose label or alias starts with a name, in the article's language."""
    query = {
        "action": "wbsearchentities",
        "search": name[:200],
        "language": language,
        "uselang": language,
        "type": "item",
        "limit": str(ITEMS_MAX),
        "format": "json",
    }
    return _step("wikidata-search", query, options)


def items_step(items: Sequence[str], options: PlatformOptions) -> Step:
    """The names and statements of items."""
    query = {
        "action": "wbgetentities",
        "ids": "|".join(items[:ITEMS_MAX]),
        "props": "labels|aliases|claims",
        "format": "json",
    }
    return _step("wikidata-items", query, options)


def _step(method: str, query: dict[str, str], options: PlatformOptions) -> Step:
    url = options.url("wikidata", "/w/api.php", query)
    return Step(method, url, host_pace=options.pace("wikidata"), terms="open", endpoint="wikidata")


def read_search(answer: Answer) -> list[str]:
    """The items that a search named; [] for any failure, which is no statement about the name."""
    value = _value(answer)
    found = [a_text(item, "id") or "" for item in dicts(value, "search")]
    return [item for item in found if _ITEM.fullmatch(item)][:ITEMS_MAX]


def read_items(answer: Answer, name: str, network: str, at: datetime, kind: str | None = None) -> Found | None:
    """The account on the network at `at` (aware) of the one item that has this name.

    `kind` ("person", "organization") leaves out items of the other sort; those that have died and those that are nobody (names,
    works) are no namesakes. None when no item fits, when two do, and when the one has no account there.
    """
    entities = a_dict(_value(answer), "entities")
    bearers = [
        (item, entity)
        for item, entity in list(entities.items())[:ITEMS_MAX]
        if isinstance(entity, dict) and fold(name) in _names(entity) and _is(entity, kind) and _may_post(entity, at)
    ]
    accounts = [_account(item, entity, network, at) for item, entity in bearers]
    usernames = {account.username.lower() if account else None for account in accounts}
    return accounts[0] if len(usernames) == 1 else None


def _value(answer: Answer) -> Any:
    if failure(answer):
        return None
    try:
        return json_of(answer)
    except Unreadable:
        return None


def _names(entity: dict[str, Any]) -> set[str]:
    """Every label and alias, folded, in all languages."""
    labels = [a_text(label, "value") for label in a_dict(entity, "labels").values()]
    aliases = [
        a_text(alias, "value")
        for group in a_dict(entity, "aliases").values()
        if isinstance(group, list)
        for alias in group[:200]
    ]
    return {fold(name) for name in (*labels, *aliases) if name}


def _is(entity: dict[str, Any], kind: str | None) -> bool:
    return kind is None or (HUMAN in _kinds(entity)) == (kind == "person")


def _kinds(entity: dict[str, Any]) -> set[str | None]:
    return {a_text(claim, "mainsnak", "datavalue", "value", "id") for claim in dicts(entity, "claims", INSTANCE_OF)}


def _may_post(entity: dict[str, Any], at: datetime) -> bool:
    """Whether the item is somebody who lives at a moment."""
    deaths = [a_text(claim, "mainsnak", "datavalue", "value", "time") for claim in dicts(entity, "claims", DEATH)]
    died = [moment for death in deaths if death and (moment := _day(death))]
    return not _kinds(entity) & _NOBODY and not any(moment < at for moment in died)


def _account(item: str, entity: dict[str, Any], network: str, at: datetime) -> Found | None:
    """The username that is valid at a moment: the preferred one, else the only one."""
    claims = [
        claim
        for claim in dicts(entity, "claims", PROPERTIES.get(network, ""))
        if claim.get("rank") != "deprecated" and _valid(claim, at) and _username(claim)
    ]
    preferred = [claim for claim in claims if claim.get("rank") == "preferred"] or claims
    if len({_username(claim) for claim in preferred}) != 1:
        return None
    numbers = dicts(preferred[0], "qualifiers", NUMERIC_ID)
    number = a_text(numbers[0], "datavalue", "value") if numbers else None
    return Found(_username(preferred[0]), item, number)


def _username(claim: dict[str, Any]) -> str:
    return (a_text(claim, "mainsnak", "datavalue", "value") or "").strip().lstrip("@")


def _valid(claim: dict[str, Any], at: datetime) -> bool:
    started, ended = _moment(claim, START_TIME), _moment(claim, END_TIME)
    return not (started and at < started) and not (ended and at > ended)


def _moment(claim: dict[str, Any], qualifier: str) -> datetime | None:
    """The day of a qualifier."""
    times = [a_text(value, "datavalue", "value", "time") for value in dicts(claim, "qualifiers", qualifier)]
    return next((_day(time) for time in times if time and _TIME.match(time)), None)


def _day(time: str) -> datetime | None:
    """The day that Wikidata spells so; an unknown day or month counts as the first."""
    found = _TIME.match(time)
    if not found:
        return None
    year, month, day = (int(part) for part in found.groups())
    try:
        return datetime(year, max(1, month), max(1, day), tzinfo=UTC)
    except ValueError:
        return None
