"""Whose account is meant: files, the page's own words, and the order of trust between them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml.html import document_fromstring

from archiver.errors import ConfigError
from archiver.platforms.accounts import (
    NETWORKS,
    Account,
    Accounts,
    Named,
    PageHints,
    fold,
    hints_of,
    load_accounts,
    profile,
    resolve_author,
    shipped,
)

NOBODY = Accounts([])


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("TOLO News", "TOLOnews"),
        ("TOLOnews", "TOLOnews"),
        ("tolo news", "TOLOnews"),
        ("طلوع‌نیوز", "TOLOnews"),
        ("طلوع نيوز", "TOLOnews"),
        ("Ali M Latifi", "alibomaye"),
        ("Ali M. Latifi", "alibomaye"),
        ("Pajhwok Afghan News", "pajhwok"),
        ("Khaama Press", "khaama"),
        ("Amu TV", "AmuTelevision"),
        ("Dawn", "dawn_com"),
        ("ذبیح‌الله مجاهد", "Zabehulah_M33"),
        ("ذبيح الله مجاهد", "Zabehulah_M33"),
    ],
)
def test_the_shipped_file_knows_the_regions_outlets_and_people(name: str, username: str) -> None:
    assert resolve_author(name, None) == (username, "accounts")


def test_the_shipped_file_has_no_name_twice_and_no_at_sign() -> None:
    seen: dict[str, str] = {}
    for entry in shipped():
        for name in {fold(spelling) for spelling in (entry.name, *entry.aliases)}:
            assert name and seen.setdefault(name, entry.name) == entry.name, (
                f"{entry.name} and {seen[name]} share {name!r}"
            )
        for network in NETWORKS:
            assert not (getattr(entry, network) or "").startswith("@")


def test_an_unchecked_entry_is_trusted_last() -> None:
    accounts = Accounts([Account(name="Sara Haidari", kind="person", x="guessed")])
    assert resolve_author("Sara Haidari", None, accounts=accounts) == ("guessed", "accounts-unchecked")
    assert resolve_author("Sara Haidari", "@printed", accounts=accounts) == ("printed", "printed")


def test_a_checked_entry_wins_over_what_is_printed() -> None:
    accounts = Accounts([Account(name="Sara Haidari", kind="person", checked=True, x="real")])
    assert resolve_author("Sara Haidari", "@parody", accounts=accounts) == ("real", "accounts")


def test_an_embed_of_the_same_author_on_the_page_is_a_basis() -> None:
    hints = PageHints(embeds=[Named("Sara Haidari", "x", "shaidari")])
    assert resolve_author("Sara Haidari", None, page_hints=hints, accounts=NOBODY) == ("shaidari", "embed")


def test_two_embeds_of_one_name_are_no_basis() -> None:
    hints = PageHints(embeds=[Named("Sara Haidari", "x", "one"), Named("Sara Haidari", "x", "two")])
    assert resolve_author("Sara Haidari", None, page_hints=hints, accounts=NOBODY) is None


def test_the_sources_accounts_count_for_the_outlets_own_name_only() -> None:
    given = {"x": "straitcourier"}
    names = ["The Strait Courier"]
    assert resolve_author("Strait Courier", None, given, outlet_names=names, accounts=NOBODY) == (
        "straitcourier",
        "source",
    )
    assert resolve_author("Another Courier", None, given, outlet_names=names, accounts=NOBODY) is None
    assert (
        resolve_author("Strait Courier", None, given, network="telegram", outlet_names=names, accounts=NOBODY) is None
    )


PAGE = """<html><head><meta property="og:site_name" content="The Strait Courier"><meta name="twitter:site" content="@straitcourier">
<meta name="author" content="Selin Aydemir"><meta name="twitter:creator" content="@selin_a">
<script type="application/ld+json">{"@graph":[{"@type":"NewsMediaOrganization","name":"Strait Courier","sameAs":["https://t.me/straitcourier"]},
{"@type":"Person","name":"Omar Sayeed","sameAs":["https://x.com/omarsayeed","https://x.com/share?u=1"]}]}</script></head>
<body><header><a href="https://www.facebook.com/straitcourier">f</a><a href="https://x.com/intent/tweet?text=a">share</a></header>
<p><a href="https://x.com/somebody">a profile in the text</a></p><a rel="me" href="https://mastodon.example/@strait">m</a></body></html>"""


def test_a_page_tells_the_accounts_of_its_outlet_and_its_people() -> None:
    hints = hints_of(document_fromstring(PAGE))
    assert hints.own == {
        "x": "straitcourier",
        "telegram": "straitcourier",
        "facebook": "straitcourier",
        "mastodon": "strait@mastodon.example",
    }
    for name, network, username in (
        ("Strait Courier", "telegram", "straitcourier"),
        ("The Strait Courier", "x", "straitcourier"),
        ("Selin Aydemir", "x", "selin_a"),
        ("Omar Sayeed", "x", "omarsayeed"),
    ):
        assert resolve_author(name, None, page_hints=hints, network=network, accounts=NOBODY) == (username, "page")


def test_nobody_is_made_up() -> None:
    assert resolve_author("A Passer-by", None, {"x": "outlet"}, PageHints(own={"x": "outlet"}), accounts=NOBODY) is None
    assert resolve_author(None, None) is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://x.com/TOLOnews", ("x", "TOLOnews")),
        ("https://twitter.com/TOLOnews?ref_src=x", ("x", "TOLOnews")),
        ("https://t.me/s/tolonews", ("telegram", "tolonews")),
        ("https://bsky.app/profile/a.example", ("bluesky", "a.example")),
        ("https://www.youtube.com/@TOLOnews", ("youtube", "TOLOnews")),
        ("https://x.com/TOLOnews/status/20", None),
        ("https://x.com/intent/tweet", None),
        ("https://x.com/share", None),
        ("https://t.me/joinchat", None),
        ("https://example.org/TOLOnews", None),
    ],
)
def test_a_profile_link_names_an_account(url: str, found: tuple[str, str] | None) -> None:
    assert profile(url) == found


def test_the_operators_file_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "accounts.toml"
    own.write_text(
        '[[account]]\nname = "TOLO News"\nkind = "organization"\nchecked = true\nx = "@renamed"\n', encoding="utf-8"
    )
    assert resolve_author("TOLO News", None, accounts=load_accounts(own)) == ("renamed", "accounts")


def test_a_mistake_in_an_accounts_file_names_the_place_and_the_next_move(tmp_path: Path) -> None:
    own = tmp_path / "accounts.toml"
    own.write_text(
        '[[account]]\nname = "A"\nkind = "person"\ntwiter = "a"\n[[account]]\nname = "B"\nkind = "person"\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as told:
        load_accounts(own)
    assert any("account[0].twiter" in problem for problem in told.value.problems)
    assert any("has no account" in problem for problem in told.value.problems)


def test_a_file_may_give_the_number_of_an_account() -> None:
    entry = Account(name="Harbour Post", kind="organization", x="HarbourPost", ids={"x": "42"})
    assert Accounts([entry]).number("x", "harbourpost") == "42"
    assert Accounts([entry]).number("x", "others") is None
    with pytest.raises(ValueError, match="no account there"):
        Account(name="Harbour Post", kind="organization", x="harbourpost", ids={"bluesky": "did:plc:abc"})
