"""Config: `archiver.toml` and the environment, read strictly.

Belongs here: what an operator decides (store, spool, contact, network, limits). What a site needs is in its source file.
Environment variables named ARCHIVER_STORE, ARCHIVER_SPOOL and ARCHIVER_CONTACT win over the file; the command line wins over both.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from archiver.errors import ConfigError
from archiver.strict import Bytes, Seconds, decode, load_toml

PLACEHOLDER_CONTACT = "https://example.org/who-runs-this-archive"
DEFAULT_FILE = Path("archiver.toml")
DEFAULT_OPTOUT = Path("optout.toml")


@lru_cache(maxsize=1)
def software_version() -> str:
    """The installed version of this project; "0" in a tree that was never installed."""
    try:
        return version("news-archiver")
    except PackageNotFoundError:
        return "0"


def _cidr(value: str) -> str:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f'"{value}" is no network; write it as in "127.0.0.0/8" or "10.1.2.3/32"') from None
    return value


def _contact(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s()]+|[^\s()@]+@[^\s()@]+\.[^\s()@]+", value):
        raise ValueError(f'"{value}" is neither a web address nor an e-mail address')
    return value


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveTable(_Table):
    """`replicas` are copies of the store, by URL: `check` says whether theirs is whole where a file is not."""

    store: str = "./archive"
    spool: str | None = None
    sources: str | None = None
    optout: str | None = None
    replicas: list[str] = []


class CrawlTable(_Table):
    """`contact` goes into the user agent; sites must be able to reach who crawls them.

    A host that asks for a longer pause than `wait_max`, or answers 403 `forbidden_max` times in a row, is left alone for the run; a
    run ends when the spool's disk has less than `disk_min` free (None: 5 GiB or 5 % of it, whichever is more). `tdmrep`: whether each
    site's tdmrep.json is read, once a day.
    """

    name: str = Field(default="NewsArchiver", pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    contact: Annotated[str, AfterValidator(_contact)] = PLACEHOLDER_CONTACT
    delay: Seconds = 1.0
    concurrency: int = Field(default=16, ge=1, le=256)
    per_host: int = Field(default=1, ge=1, le=64)
    timeout: Seconds = Field(default=60.0, gt=0)
    retries: int = Field(default=2, ge=0, le=10)
    redirects: int = Field(default=10, ge=0, le=50)
    size_max: Bytes = Field(default=256 * 2**20, gt=0)
    verify_certificates: bool = True
    max_pages: int | None = Field(default=None, ge=1)
    max_time: Annotated[Seconds, Field(gt=0)] | None = None
    wait_max: Seconds = Field(default=60.0, ge=0)
    forbidden_max: int = Field(default=5, ge=1)
    disk_min: Bytes | None = None
    requisites: bool = True
    tdmrep: bool = True


class BrowserTable(_Table):
    """Pages that are captured through a browser (`render`). `executable`: the program, else Chromium on the PATH.

    A page has `time`, `size_max` bytes and `requests_max` requests; `pages` are open at a time, each with `per_host` requests to one
    host at most. It is scrolled through (unless `scroll` is false) and pictured down to `height_max` pixels.
    """

    executable: str | None = None
    pages: int = Field(default=2, ge=1, le=16)
    time: Seconds = Field(default=60.0, gt=0)
    size_max: Bytes = Field(default=50 * 2**20, gt=0)
    requests_max: int = Field(default=500, ge=1)
    per_host: int = Field(default=4, ge=1, le=16)
    height_max: int = Field(default=12_000, ge=900, le=16_000)
    scroll: bool = True


class RequisitesTable(_Table):
    """What pages need to look as they did (`[crawl] requisites` switches it off): limits a page, a source's run and a file.

    `robots_exempt`: hosts, with all below them, whose robots.txt does not count for requisites; "*" is every host.
    """

    per_page: int = Field(default=300, ge=0)
    page_bytes: Bytes = Field(default=50 * 2**20, gt=0)
    per_run: int = Field(default=100_000, ge=0)
    run_bytes: Bytes = Field(default=5 * 2**30, gt=0)
    file_bytes: Bytes = Field(default=32 * 2**20, gt=0)
    robots_exempt: list[str] = []


class NetworkTable(_Table):
    """Networks that pages, redirects and federated hosts may lead to although they are not public."""

    allow: list[Annotated[str, AfterValidator(_cidr)]] = []


class WarcTable(_Table):
    roll_bytes: Bytes = Field(default=10**9, gt=0)
    roll_age: Seconds = Field(default=1800.0, gt=0)


class ExtractTable(_Table):
    workers: int | None = Field(default=None, ge=1, le=128)
    page_time: Seconds = Field(default=30.0, gt=0)
    page_memory: Bytes = Field(default=2 * 2**30, ge=256 * 2**20)


class PostsTable(_Table):
    """Asking the networks for cited posts. `bases` leads endpoints elsewhere (a mirror, the demo); keys come from the environment."""

    follow: bool = True
    platforms: list[str] | None = None
    x_keyless: bool = True
    x_bearer_use: Literal["first", "fallback"] = "fallback"
    x_budget_usd_per_article: float = Field(default=0.10, ge=0)
    x_features: str | None = None
    third_party: Literal["off", "discovery-only", "notes"] = "off"
    meta_oembed: bool = False
    wayback: bool = True
    bing: bool = True
    wikidata: bool = True
    mastodon_hosts: list[str] = []
    bases: dict[str, str] = {}
    accounts: list[str] = []
    pace_factor: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    retry: list[Annotated[Seconds, Field(gt=0)]] = [3600.0, 21600.0, 86400.0, 604800.0]
    recheck: list[Annotated[Seconds, Field(gt=0)]] = [86400.0, 2592000.0]


class FrontierTable(_Table):
    """What is known and when it is due again. `url`: sqlite:///FILE or postgresql://…; `revisit`: after the first capture, more than the
    minute by which a run may come early."""

    url: str | None = None
    revisit: list[Annotated[Seconds, Field(gt=60)]] = [3600.0, 21600.0, 86400.0, 604800.0]
    poll_max: Seconds = Field(default=7200.0, gt=0)


class S3Table(_Table):
    """How an object store is used; `store` under [archive] says which. Keys and tokens never stand here: they come from where
    boto3 looks (the environment, ~/.aws, the machine's role).

    `publishers = 1` promises that only this machine publishes, for stores that cannot decide between two. `patience` is how long a
    store that asks for slowness is waited for. `retention` is for `object_lock`. What is put is read back up to the size `read_back`.
    """

    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    ca: str | None = None
    publishers: int | None = Field(default=None, ge=1)
    checksums: Literal["when_required", "when_supported"] | None = None
    workers: int = Field(default=4, ge=1, le=64)
    single_max: Bytes = Field(default=64 * 2**20, ge=0, le=5 * 2**30)
    part: Bytes = Field(default=32 * 2**20, ge=5 * 2**20, le=5 * 2**30)
    read_back: Bytes = Field(default=16 * 2**20, ge=0)
    attempts: int = Field(default=6, ge=1, le=20)
    connect_timeout: Seconds = Field(default=10.0, gt=0)
    read_timeout: Seconds = Field(default=60.0, gt=0)
    patience: Seconds = Field(default=900.0, ge=0)
    object_lock: Literal["governance", "compliance"] | None = None
    retention: Annotated[Seconds, Field(gt=0)] | None = None
    encryption: Literal["aes256", "kms"] | None = None
    kms_key: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> S3Table:
        if (self.object_lock is None) != (self.retention is None):
            raise ValueError('object_lock and retention belong together, such as "governance" and "3650d"')
        if self.kms_key and self.encryption != "kms":
            raise ValueError('kms_key needs encryption = "kms"')
        return self

    def completed(self, url: str) -> str:
        """An S3 store's URL with the parameters that stand here and not in it; other URLs as they are."""
        if not url.startswith("s3://"):
            return url
        path, _, query = url.partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        known = {name: getattr(self, name) for name in ("endpoint", "profile", "region", "ca")}
        given += [(name, value) for name, value in known.items() if value and name not in dict(given)]
        return f"{path}?{urlencode(given, safe=':/')}" if given else path


def _web(value: str) -> str:
    if not re.fullmatch(r"https?://\S+", value):
        raise ValueError(f'"{value}" is no web address; write it whole, such as "https://hooks.example.com/archiver"')
    return value


class CronTable(_Table):
    """What a crawl tells other programs: `report` (JSON) and `metrics` (Prometheus text) are files that each run replaces;
    `webhook` gets the report by POST, after every run or only when the exit code is not 0."""

    report: str | None = None
    metrics: str | None = None
    webhook: Annotated[str, AfterValidator(_web)] | None = None
    webhook_when: Literal["trouble", "always"] = "trouble"


class Config(_Table):
    archive: ArchiveTable = ArchiveTable()
    crawl: CrawlTable = CrawlTable()
    browser: BrowserTable = BrowserTable()
    requisites: RequisitesTable = RequisitesTable()
    network: NetworkTable = NetworkTable()
    warc: WarcTable = WarcTable()
    extract: ExtractTable = ExtractTable()
    posts: PostsTable = PostsTable()
    frontier: FrontierTable = FrontierTable()
    cron: CronTable = CronTable()
    s3: S3Table = S3Table()

    @property
    def store(self) -> str:
        """The store's URL; of an object store with what the `[s3]` table adds, so that it says all that is needed to open it."""
        return self.s3.completed(self.archive.store)

    @property
    def spool(self) -> Path:
        """Where runs are staged. Inside a folder store by default, so that publishing is a rename."""
        if self.archive.spool:
            return Path(self.archive.spool)
        return Path("spool") if "://" in self.store else Path(self.store) / ".spool"

    @property
    def optout(self) -> Path | None:
        """The opt-out list: the file that is named, else `optout.toml` where there is one."""
        if self.archive.optout:
            return Path(self.archive.optout)
        return DEFAULT_OPTOUT if DEFAULT_OPTOUT.exists() else None

    @property
    def frontier_url(self) -> str:
        """The frontier's database; a file beside the spool by default."""
        return self.frontier.url or f"sqlite:///{self.spool.absolute().parent / '.frontier' / 'frontier.sqlite'}"

    @property
    def user_agent(self) -> str:
        return f"{self.crawl.name}/{software_version()} (+{self.crawl.contact})"

    @property
    def workers(self) -> int:
        return self.extract.workers or max(1, os.cpu_count() or 1)


def load_config(
    path: Path | None = None, *, store: str | None = None, environ: Mapping[str, str] = os.environ
) -> Config:
    """The configuration; without `path`, `archiver.toml` if there is one, else the defaults. Raises `ConfigError`."""
    raw: dict[str, Any] = load_toml(path) if path else load_toml(DEFAULT_FILE) if DEFAULT_FILE.exists() else {}
    where = str(path or DEFAULT_FILE)
    for variable, table, key in (
        ("ARCHIVER_STORE", "archive", "store"),
        ("ARCHIVER_SPOOL", "archive", "spool"),
        ("ARCHIVER_CONTACT", "crawl", "contact"),
    ):
        if environ.get(variable):
            _set(raw, table, key, environ[variable])
    if store:
        _set(raw, "archive", "store", store)
    return decode(Config, raw, where)


def _set(raw: dict[str, Any], table: str, key: str, value: str) -> None:
    if isinstance(raw.setdefault(table, {}), dict):  # anything else is a mistake that `decode` names
        raw[table][key] = value


_RESERVED = re.compile(
    r"(?:^|[@/.])(?:example\.(?:com|net|org)|[\w-]+\.(?:example|invalid|test))(?:[/:?#]|$)", re.IGNORECASE
)
"""Names that RFC 2606 keeps for documentation: nobody can be reached there."""


def require_contact(config: Config) -> None:
    """Refuses to crawl with a contact at which nobody can be reached: politeness is a feature."""
    if _RESERVED.search(config.crawl.contact):
        raise ConfigError(
            "archiver.toml: crawl.contact: crawling needs an address where sites can reach you, and "
            f'"{config.crawl.contact}" is a name for examples; write contact = "https://…" or "name@…" under [crawl], or set ARCHIVER_CONTACT'
        )
