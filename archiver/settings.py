"""Scrapy settings: the one table of component order. Scrapy reads this module by name (scrapy.cfg).

Belongs here: how our components are put together, and the values that `archiver.toml` decides. Components are named by dotted
path, so that this module needs no Scrapy.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")

from archiver import clock
from archiver.browser import WARCINFO, find_chromium, version_of
from archiver.config import Config, load_config, software_version
from archiver.frontier import Plan
from archiver.layout import new_run_id
from archiver.optout import read_optout
from archiver.platforms.accounts import load_accounts
from archiver.platforms.options import BASES, X_FEATURES, PlatformOptions
from archiver.requisites import Budgets
from archiver.sources import Source
from archiver.strict import refused
from archiver.warc import WarcInfo

PACKAGED_SOURCES = Path(__file__).parent.parent / "spiders" / "sources"


def settings_of(config: Config, run_id: str, folder: Path) -> dict[str, Any]:
    """Every setting of a run that stages in `folder`. The caller may change single values before the crawl starts."""
    crawl = config.crawl
    options = post_options(config, os.environ)
    return {
        # What Scrapy is told about us.
        "BOT_NAME": crawl.name,
        "SPIDER_LOADER_CLASS": "spiders.loader.SourceSpiderLoader",
        "USER_AGENT": config.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "*",
            "Accept-Encoding": "gzip, deflate",  # never br or zstd: replay reads them as garbage
        },
        # The one table of component order.
        "DOWNLOAD_HANDLERS": {
            "http": "pipelines.download.RecordingDownloadHandler",
            "https": "pipelines.download.RecordingDownloadHandler",
            "file": None,
            "ftp": None,
            "s3": None,
            "data": None,
        },
        "DOWNLOADER_MIDDLEWARES_BASE": {
            "pipelines.conduct.GateMiddleware": 50,
            "pipelines.robots.RobotsMiddleware": 100,
            "pipelines.tdmrep.TdmrepMiddleware": 150,
            "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
            "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
            "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
            "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
            "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
            "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
            "pipelines.context.ContextMiddleware": 900,
        },
        "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25},
        "ITEM_PIPELINES": {
            "pipelines.warc.WarcPipeline": 100,
            "pipelines.validate.ValidatePipeline": 300,
            "pipelines.documents.DocumentPipeline": 800,
        },
        "EXTENSIONS": {
            "pipelines.report.CrawlReport": 100,
            "pipelines.conduct.DiskWatch": 200,
            "pipelines.conduct.Pace": 300,
            "pipelines.originals.Originals": 400,
        },
        "EXTENSIONS_BASE": {
            "scrapy.extensions.corestats.CoreStats": 0,
            "scrapy.extensions.closespider.CloseSpider": 0,  # keeps CLOSESPIDER_TIMEOUT
        },
        # Conduct.
        "DOWNLOAD_DELAY": crawl.delay,
        "RANDOMIZE_DOWNLOAD_DELAY": False,  # it may halve the delay, which is promised as the least
        "CONCURRENT_REQUESTS": crawl.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.per_host,
        "DOWNLOAD_TIMEOUT": crawl.timeout,
        "RETRY_TIMES": crawl.retries,
        "REDIRECT_MAX_TIMES": crawl.redirects,
        "DOWNLOAD_MAXSIZE": crawl.size_max,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": crawl.verify_certificates,
        "CLOSESPIDER_TIMEOUT": crawl.max_time or 0,
        "COOKIES_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # ours obeys (pipelines.robots); Scrapy's allows on any failure
        "HTTPCACHE_ENABLED": False,  # a cached answer was never on the wire
        "METAREFRESH_ENABLED": False,
        # Listening on nothing, and costing little.
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_ITEMS": 1,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 16 * 2**20,
        "LOG_LEVEL": "INFO",
        "LOG_FORMATTER": "pipelines.logs.TerseLogFormatter",
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the URL gets its Reason; errors in the log are errors of ours
        # Ours.
        "ARCHIVER_RUN_ID": run_id,
        "ARCHIVER_SPOOL": str(folder),
        "ARCHIVER_SERIES": "page",
        "ARCHIVER_WARC_INFO": warc_info(config, run_id, "page", "pages asked for by URL"),
        "ARCHIVER_WARC_MAX_BYTES": config.warc.roll_bytes,
        "ARCHIVER_WARC_MAX_AGE": config.warc.roll_age,
        "ARCHIVER_NETWORK_ALLOW": list(config.network.allow),
        "ARCHIVER_SOURCES": [config.archive.sources] if config.archive.sources else [str(PACKAGED_SOURCES)],
        "ARCHIVER_WORKERS": config.workers,
        "ARCHIVER_PAGE_TIME": config.extract.page_time,
        "ARCHIVER_PAGE_MEMORY": config.extract.page_memory,
        "ARCHIVER_REQUISITES": crawl.requisites,
        "ARCHIVER_BUDGETS": Budgets(
            config.requisites.per_page,
            config.requisites.page_bytes,
            config.requisites.per_run,
            config.requisites.run_bytes,
        ),
        "ARCHIVER_REQUISITE_MAX": config.requisites.file_bytes,
        "ARCHIVER_ROBOTS_EXEMPT": config.requisites.robots_exempt,
        "ARCHIVER_TDMREP": crawl.tdmrep,
        "ARCHIVER_BROWSER": config.browser,
        "ARCHIVER_RENDER": False,
        "ARCHIVER_POSTS": options if config.posts.follow else None,
        "ARCHIVER_ACCOUNTS": config.posts.accounts,
        "ARCHIVER_KNOWN_POSTS": None,  # what the archive has of an author (`archiver.watching.KnownPosts`), where somebody looked
        "DOWNLOAD_SLOTS": {name: {"concurrency": 1, "delay": options.pace(name)} for name in BASES},
        "ARCHIVER_MAX_PAGES": crawl.max_pages or 0,
        "ARCHIVER_CONTACT": crawl.contact,
        "ARCHIVER_WAIT_MAX": crawl.wait_max,
        "ARCHIVER_FORBIDDEN_MAX": crawl.forbidden_max,
        "ARCHIVER_DISK_MIN": crawl.disk_min,
        "ARCHIVER_OPTOUT": read_optout(config.optout) if config.optout else None,
        "ARCHIVER_FRONTIER": config.frontier_url,
        "ARCHIVER_PLAN": plan_of(config),
        "ARCHIVER_WAITING": frozenset(),  # keys of URLs that lie in the spool: fetched, and not published yet
        "ARCHIVER_STARTED": clock.now(),
        "ARCHIVER_DUE_ONLY": False,
    }


def post_options(config: Config, environ: Mapping[str, str]) -> PlatformOptions:
    """What the operator decided about cited posts, with the keys that stand in the environment. Raises `ConfigError` for what cannot be
    meant: a network, an endpoint or a host that is none, an accounts file that cannot be read, a token that is none."""
    load_accounts(*map(Path, config.posts.accounts))
    chosen = config.posts.model_dump(exclude={"follow", "accounts"}, exclude_none=True)
    try:
        return PlatformOptions.from_environment(environ, **chosen)
    except ValidationError as error:
        raise refused(PlatformOptions, error, "archiver.toml: posts") from None


def plan_of(config: Config) -> Plan:
    """When articles and feeds are due again."""
    return Plan(tuple(sorted(int(after) for after in config.frontier.revisit)), int(config.frontier.poll_max))


def warc_info(config: Config, run_id: str, source: str, description: str) -> WarcInfo:
    """What the first record of every WARC of a run says about it."""
    return WarcInfo(
        software=f"news-archiver/{software_version()}",
        operator=f"{config.crawl.name} ({config.crawl.contact})",
        user_agent=config.user_agent,
        run_id=run_id,
        source=source,
        description=description,
        extra=(*_robots(config), *_features(config)),
    )


def _features(config: Config) -> tuple[tuple[str, str], ...]:
    """The `features` with which X's widget endpoint is asked: with others a post's record is not found again in replay."""
    posts = config.posts
    if not posts.follow or not posts.x_keyless or (posts.platforms is not None and "x" not in posts.platforms):
        return ()
    return (("arc-x-features", posts.x_features if posts.x_features is not None else X_FEATURES),)


def _robots(config: Config) -> tuple[tuple[str, str], ...]:
    """What the WARC says about hosts whose robots.txt is not asked for requisites."""
    exempt = config.requisites.robots_exempt
    return (("arc-robots-exempt", f"requisites of {', '.join(exempt)}"),) if exempt else ()


def renamed(settings: Any, series: str, description: str) -> dict[str, Any]:
    """The settings that name a spider's WARC series, and what its first record says about it."""
    info: WarcInfo = settings["ARCHIVER_WARC_INFO"]
    fields = {name: getattr(info, name) for name in info.__dataclass_fields__}
    fields.update(source=series, description=description)
    return {"ARCHIVER_SERIES": series, "ARCHIVER_WARC_INFO": WarcInfo(**fields)}


def rendering(settings: Any) -> dict[str, Any]:
    """The settings of a spider whose articles are captured through a browser; the first record of its WARCs says so.

    Raises `ConfigError` where there is no Chromium, `BrowserError` where it does not start.
    """
    info: WarcInfo = settings["ARCHIVER_WARC_INFO"]
    version = version_of(find_chromium(settings["ARCHIVER_BROWSER"].executable))
    extra = (*info.extra, ("arc-browser", version), *WARCINFO)
    return {"ARCHIVER_RENDER": True, "ARCHIVER_WARC_INFO": replace(info, extra=extra)}


def settings_of_source(source: Source, settings: Any) -> dict[str, Any]:
    """What a source changes: its series, a delay that can only be longer than the operator's, and whether pages are rendered."""
    changed = renamed(settings, source.id, f"{source.name} ({source.homepage})")
    if source.render and not settings["ARCHIVER_RENDER"]:
        changed |= rendering({"ARCHIVER_BROWSER": settings["ARCHIVER_BROWSER"], **changed})
    return {
        **changed,
        "DOWNLOAD_DELAY": max(source.politeness.delay, settings.getfloat("DOWNLOAD_DELAY")),
    }


def _default_settings() -> dict[str, Any]:
    path = os.environ.get("ARCHIVER_CONFIG")
    config = load_config(Path(path) if path else None)
    run_id = new_run_id(clock.now())
    return settings_of(config, run_id, config.spool / run_id)


def __getattr__(name: str) -> Any:
    raise AttributeError(name)


if os.environ.get("SCRAPY_SETTINGS_MODULE") == __name__:  # `scrapy list`, `scrapy crawl`
    globals().update(_default_settings())
