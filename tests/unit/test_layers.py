"""The layers of the house, read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAYERS = [
    {"models", "reasons", "errors", "clock"},
    {"browser", "cards", "crew", "directives", "needles", "strict", "payload", "urls", "layout", "schema"},
    {"config", "sources", "store", "warc", "page", "spool", "optout", "politeness", "tdmrep"},
    {"platforms"},
    {"citations"},
    {
        "discovery",
        "screen",
        "extract",
        "requisites",
        "invariants",
        "index",
        "frontier",
        "versions",
        "expect",
        "tally",
        "cron",
    },
    {
        "work",
        "pool",
        "reextract",
        "archive",
        "paging",
        "suppression",
        "events",
        "takedown",
        "audit",
        "resolve",
        "conclude",
        "following",
        "watching",
        "parts",
        "publish_posts",
        "changes",
        "publish_cards",
        "publish",
        "waiting",
    },
    {"probe", "fixtures", "health", "replay"},
    {"settings", "demo"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ONE_IMPORTER = {
    "warcio": "archiver/warc/",
    "trafilatura": "archiver/extract/",
    "htmldate": "archiver/extract/",
    "py3langid": "archiver/extract/",
    "feedparser": "archiver/discovery/feeds.py",
    "charset_normalizer": "archiver/payload.py",
    "pebble": "archiver/pool.py",
    "ahocorasick_rs": "archiver/needles.py",
    "typer": "archiver/cli/",
    "rich": "archiver/cli/",
    "tldextract": "archiver/urls.py",
    "surt": "archiver/urls.py",
    "courlan": "archiver/urls.py",
    "protego": "pipelines/robots/",
    "sqlalchemy": "archiver/frontier/",
    "boto3": "archiver/store/s3/",
    "botocore": "archiver/store/s3/",
}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Dotted names that a module imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "archiver").parts
    return parts[0].removesuffix(".py")


def test_every_module_of_the_domain_has_a_layer() -> None:
    rooms = {room_of(path) for path in modules("archiver")} - {"__init__"}
    assert rooms <= set(RANK), f"give these a layer: {sorted(rooms - set(RANK))}"


@pytest.mark.parametrize("path", modules("archiver"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_domain_imports_no_higher_layer(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "archiver" and len(parts) > 1 and parts[1] in RANK:
            assert RANK[parts[1]] <= RANK[room], f"{room} imports {name}, which is in a higher layer"


@pytest.mark.parametrize("path", modules("archiver"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_domain_knows_no_crawler(path: Path) -> None:
    allowed = room_of(path) == "cli"
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in ("spiders", "pipelines"), f"{path.name} imports {name}"
        assert allowed or top not in ("scrapy", "twisted"), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", modules("spiders", "pipelines"), ids=lambda path: str(path.relative_to(ROOT)))
def test_spiders_and_pipelines_never_import_each_other(path: Path) -> None:
    other = "pipelines" if path.relative_to(ROOT).parts[0] == "spiders" else "spiders"
    assert not [name for name in imports(path) if name.split(".")[0] == other]


@pytest.mark.parametrize("library", sorted(ONE_IMPORTER))
def test_a_library_has_one_importing_room(library: str) -> None:
    room = ONE_IMPORTER[library]
    for path in modules("archiver", "spiders", "pipelines"):
        if any(name.split(".")[0] == library for name in imports(path)):
            assert str(path.relative_to(ROOT)).startswith(room), f"{path.relative_to(ROOT)} imports {library}"
