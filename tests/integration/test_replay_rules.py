"""Replay of cited posts through pywb: the question may be asked in many ways, and another post never answers it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.layout import run_key
from archiver.models import Role, RunFile, RunManifest
from archiver.replay import Hidden, Replay, build_collection, find_environment
from archiver.replay.environment import shipped_rules
from archiver.replay.rules import OWN_RULES, merged_rules
from archiver.store import FolderStore
from tests.replaying import get, need_pywb
from tests.unit.making import NOON, RUN, answer, exchange, page, write_warc

POST = "198682147644715827"
NEIGHBOUR = POST + "3"
"""A post whose id begins with the other's: a filter by substring takes one for the other."""

LONELY = "1777777777777777777"
"""Cited, never captured; a longer and a shorter neighbour are."""

RESULT = "https://cdn.syndication.twimg.com/tweet-result"


def post(id_: str) -> bytes:
    return answer(json.dumps({"id_str": id_, "text": f"The post {id_}"}).encode(), kind="application/json")


def published(store: FolderStore, folder: Path) -> Archive:
    """An archive with one WARC of posts."""
    sealed = write_warc(
        folder,
        *(
            exchange(
                f"{RESULT}?features=tfw_a%3Aon%3Btfw_b%3Aon&id={id_}&lang=en&token=4tds7qufjgq", post(id_), Role.POST
            )
            for id_ in (POST, NEIGHBOUR, LONELY + "0", LONELY[:-1])
        ),
        exchange(f"https://x.com/desk/status/{POST}", answer(page(f"The page of {POST}")), Role.POST),
        exchange(f"https://x.com/desk/status/{NEIGHBOUR}", answer(page(f"The page of {NEIGHBOUR}")), Role.POST),
    )
    key = sealed.key
    store.put_file(key, sealed.path)
    cdxj = key.replace("warc/", "cdxj/", 1).replace(".warc.gz", ".cdxj.gz")
    store.put_file(cdxj, next(folder.glob("*.cdxj.gz")))
    files = [RunFile(key=one, bytes=0, records=0, sha256="") for one in (key, cdxj)]
    manifest = RunManifest(run_id=RUN, started=NOON, finished=NOON, software="test/1", files=files)
    content = manifest.model_dump_json().encode()
    day = f"{NOON:%Y-%m-%d}"
    store.put(run_key(RUN, day, "manifest.json"), content)
    store.put(run_key(RUN, day, "_SUCCESS"), f"sha256:{hashlib.sha256(content).hexdigest()}\n".encode())
    return Archive(store)


@pytest.fixture(scope="module", params=["one plain file", "blocks"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    need_pywb()
    folder = tmp_path_factory.mktemp("posts")
    archive = published(FolderStore(folder / "store"), folder / "spool")
    plain = 1000 if request.param == "one plain file" else 0
    environment = find_environment()
    collection = build_collection(archive, Hidden(), environment, folder / "state", plain_lines_max=plain)
    assert (folder / "state" / ("index.cdxj" if plain else "index.idx")).is_file()
    with Replay(collection.folder, environment) as replay:
        yield replay.url


@pytest.mark.parametrize(
    "query",
    [
        "features=tfw_a%3Aon%3Btfw_b%3Aon&id={id}&lang=en&token=4tds7qufjgq",
        "id={id}&token=4tds7qufjgq&lang=en&features=tfw_a%3Aon%3Btfw_b%3Aon",
        "id={id}",
        "id={id}&lang=ur&token=other&features=tfw_c%3Aoff",
        "features=tfw_a%3Aon%3Btfw_b%3Aon&id={id}&lang=en&token=4tds7qufjgq&kdu1z2=abc&x9=1",
        "token=0&id={id}",
    ],
)
@pytest.mark.parametrize("id_", [POST, NEIGHBOUR])
def test_the_widgets_question_finds_its_post_however_it_is_asked(url: str, query: str, id_: str) -> None:
    found = get(f"{url}2026id_/{RESULT}?{query.format(id=id_)}")
    assert found.status == 200 and json.loads(found.text)["id_str"] == id_


@pytest.mark.parametrize("id_", [LONELY, LONELY[1:], POST[:-1], NEIGHBOUR + "0", "1"])
def test_a_neighbour_never_answers(url: str, id_: str) -> None:
    for query in (f"id={id_}", f"features=tfw_a%3Aon%3Btfw_b%3Aon&id={id_}&lang=en&token=4tds7qufjgq"):
        assert get(f"{url}2026id_/{RESULT}?{query}").status == 404
    assert get(f"{url}2026id_/https://x.com/desk/status/{id_}").status == 404


@pytest.mark.parametrize(
    "form",
    [
        "https://x.com/desk/status/{id}",
        "https://x.com/desk/status/{id}?s=20",
        "https://twitter.com/desk/status/{id}",
        "https://www.twitter.com/desk/status/{id}?ref_src=twsrc%5Etfw",
        "https://mobile.twitter.com/desk/statuses/{id}",
        "http://m.twitter.com/desk/status/{id}/photo/1",
    ],
)
@pytest.mark.parametrize("id_", [POST, NEIGHBOUR])
def test_a_post_is_found_under_each_of_its_addresses(url: str, form: str, id_: str) -> None:
    found = get(f"{url}2026id_/{form.format(id=id_)}")
    while found.status in (302, 307):
        found = get(found.headers["location"])
    assert found.status == 200 and f"The page of {id_}<" in found.text


def test_the_shipped_rules_are_kept_and_ours_stand_before_the_rule_for_all() -> None:
    need_pywb()
    shipped = shipped_rules(find_environment())
    merged = merged_rules(shipped)
    before, after = shipped["rules"], merged["rules"]
    assert after[-1] == before[-1] and after[-1]["url_prefix"] == ""
    kept = [{name: value for name, value in rule.items() if name != "fuzzy_lookup"} for rule in after]
    for rule in before:
        assert {name: value for name, value in rule.items() if name != "fuzzy_lookup"} in kept
    twin = next(rule for rule in after if rule["url_prefix"] == OWN_RULES[0]["url_prefix"])
    assert "rewrite" in twin and twin["fuzzy_lookup"] == OWN_RULES[0]["fuzzy_lookup"]
    assert merged["default_filters"] == shipped["default_filters"]


def test_rules_of_another_pywb_get_ours_too() -> None:
    for rules in ([], [{"url_prefix": ""}], [{"url_prefix": "com,x)/"}, {"url_prefix": ""}]):
        merged = merged_rules({"rules": rules})["rules"]
        assert [rule for rule in merged if rule in OWN_RULES] == OWN_RULES
        assert not rules or merged[-1] == rules[-1]


def test_the_index_that_pywb_gets_is_sorted_and_has_whole_lines(tmp_path: Path) -> None:
    need_pywb()
    archive = published(FolderStore(tmp_path / "store"), tmp_path / "spool")
    collection = build_collection(archive, Hidden(), find_environment(), tmp_path / "state")
    lines = (tmp_path / "state" / "index.cdxj").read_bytes().splitlines(keepends=True)
    stored = gzip.decompress(next((tmp_path / "store").rglob("*.cdxj.gz")).read_bytes()).splitlines(keepends=True)
    assert lines == sorted(lines) == sorted(stored) and collection.lines == len(lines) == 6
