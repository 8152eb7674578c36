"""Embedded posts by their markup: the networks' own embed code, plain and hydrated, AMP, content systems and brokers.

Belongs here: which element is an embed and which post it shows. Where it stands is for `places`; attributes of any other element
are for `generic`; posts that only a script holds are for `scripts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from lxml.html import HtmlElement

from archiver import platforms
from archiver.citations.found import TEXT_MAX, Finding, post_at, posts_in
from archiver.models.article import EmbeddedAuthor
from archiver.platforms import PostRef, bluesky, instagram, telegram, x, youtube

_SPACE = re.compile(r"\s+")
SIGNATURE = re.compile(
    r"(?:[—–―]|--|-)\s*(?P<name>[^\n@()—–]{1,80}?)\s*\(\s*[\u200e\u200f\u202a-\u202e\u2066-\u2069]*@(?P<user>\w{1,30})[^)]{0,4}\)"
)
"""What ends an embed's text: a dash, the name and the user name."""

_CLASSES = (
    ("truthsocial", re.compile(r"truth-?social")),
    ("instagram", re.compile(r"instagram|(?:^|[\s_-])insta(?:[\s_-]|$)")),
    ("threads", re.compile(r"text-post-media|(?:^|[\s_-])threads(?:[\s_-]|$)")),
    ("tiktok", re.compile(r"tiktok")),
    ("bluesky", re.compile(r"bluesky|bsky")),
    ("mastodon", re.compile(r"mastodon")),
    ("telegram", re.compile(r"telegram")),
    ("reddit", re.compile(r"reddit")),
    ("linkedin", re.compile(r"linkedin")),
    ("facebook", re.compile(r"facebook|(?:^|\s)fb-(?:post|video)(?:\s|$)")),
    ("youtube", re.compile(r"youtube")),
    ("x", re.compile(r"twitter|tweet|(?:^|[\s_-])provider-x(?:\s|$)|wp-block-embed-x(?:\s|$)")),
)
_BOX = re.compile(
    r"(?:^|\s)(?:fb-(?:post|video)|twitter-(?:tweet|video)(?:-rendered)?|instagram-media(?:-rendered)?|tiktok-embed|reddit-card"
    r"|reddit-embed-bq|bluesky-embed|text-post-media|embedly-card|wp-block-embed[\w-]*|is-provider-[\w-]+)(?:\s|$)"
)
_BOX_TAGS = frozenset({"div", "figure", "section", "a", "span", "aside", "article"})
_MAY_BOX = re.compile(r"embed|twitter|fb-|instagram|reddit|text-post|provider")
_TIMELINE = re.compile(
    r"twitter-(?:timeline|follow|share|hashtag|mention|moment)|fb-(?:page|like|share|follow|comments)|fb-root"
)
_LAST_LINK = frozenset({"x", "threads", "mastodon", "truthsocial"})
_PERMALINKS = (
    "data-instgrm-permalink",
    "data-text-post-permalink",
    "data-embed-url",
    "data-bluesky-uri",
    "cite",
    "data-href",
)
_BOX_IDS = ("data-tweet-id", "data-tweetid")
_X_IDS = (*_BOX_IDS, "tweet-id", "tweetid")


def embed_of(element: HtmlElement) -> Finding | None:
    """The post that `element` embeds by its own markup; None when it is no embed or shows no single post."""
    tag = element.tag
    if custom := _CUSTOM.get(str(tag)):
        return custom(element)
    css = (element.get("class") or "")[:500].lower()
    if tag == "script":
        return _script(element)
    if tag not in _BOX_TAGS and tag not in ("blockquote", "iframe", "amp-iframe"):
        return None
    if css and _MAY_BOX.search(css) and _TIMELINE.search(css):
        return None
    if tag == "blockquote":
        return _blockquote(element, css)
    if tag in ("iframe", "amp-iframe"):
        return _frame(element, css)
    if element.get("data-tweet-id") or element.get("data-tweetid"):
        return _x_by_id(element)
    return _box(element, css) if css and _MAY_BOX.search(css) and _BOX.search(css) else None


@lru_cache(maxsize=4096)
def network_of(css: str) -> str | None:
    """The network that a class names."""
    return next((name for name, pattern in _CLASSES if pattern.search(css)), None)


def _blockquote(element: HtmlElement, css: str) -> Finding | None:
    network = network_of(css)
    if network is None:
        network = next(
            (name for attribute, name in (("data-instgrm-permalink", "instagram"), ("data-text-post-permalink", "threads"),
             ("data-bluesky-uri", "bluesky")) if element.get(attribute)), None,
        )  # fmt: skip
    if network is None:
        return None
    ref, attribute, raw = _own_post(element, network)
    if ref is None:
        ref, attribute, raw = _linked_post(element, network)
    text, author = words_of(element)
    if ref is None and not (network == "x" and author and text):
        return None
    return Finding("embed", ref.platform if ref else network, ref, element, mark(element), attribute, raw, text, author)


def _own_post(element: HtmlElement, network: str) -> tuple[PostRef | None, str | None, str | None]:
    """The post named by the element's own attributes, the network's permalink attributes first."""
    if network == "tiktok" and (video := element.get("data-video-id")) and video.isdecimal():
        cited = post_at(element.get("cite") or "")
        return (
            cited or platforms.match(f"https://www.tiktok.com/embed/v2/{video}"),
            "data-video-id",
            element.get("cite"),
        )
    if network == "telegram" and (name := element.get("data-telegram-post")):
        return telegram.short(name), "data-telegram-post", name
    if (
        network == "threads"
        and (code := (element.get("id") or "")).startswith("ig-tp-")
        and not element.get(_PERMALINKS[1])
    ):
        return platforms.match(f"https://www.threads.com/t/{code[6:]}"), "id", code
    names = [*_PERMALINKS, *(name for name in element.attrib if name not in _PERMALINKS)]
    for name in names:
        value = element.get(name)
        if value and ("/" in value or "%2" in value):
            for ref, raw in posts_in(value):
                return ref, name, raw
    return None, None, None


def _linked_post(element: HtmlElement, network: str) -> tuple[PostRef | None, str | None, str | None]:
    """The permalink among the links inside: the last of X, Threads and Mastodon, the first of the others."""
    found: tuple[PostRef | None, str | None, str | None] = (None, None, None)
    for anchor in element.iter("a", "iframe"):
        for name in ("href", "src", "data-src"):
            raw = anchor.get(name)
            ref = post_at(raw) if raw and len(raw) < 2083 else None
            if ref and ref.platform == network:
                found = (ref, "href" if anchor.tag == "a" else name, raw)
                if network not in _LAST_LINK:
                    return found
    return found


def _frame(element: HtmlElement, css: str) -> Finding | None:
    if (found := _x_by_id(element)) is not None:
        return found
    for name, value in element.attrib.items():
        if len(value) > 20_000 or name in ("title", "style", "id", "class", "name", "allow", "sandbox"):
            continue
        for ref, raw in posts_in(value):
            return Finding("embed", ref.platform, ref, element, mark(element), name, raw)
    source = next((value for name, value in element.attrib.items() if "src" in name or name == "data-url"), "")
    if "mastodon" in css or "truthsocial" in css:
        return None
    if re.search(r"//cdn\.iframe\.ly/\w+|//(?:cdn\.)?embedly\.com/widgets", source):
        return Finding("embed", "unknown", None, element, mark(element), "src", source[:2083])
    return None


def _script(element: HtmlElement) -> Finding | None:
    name = element.get("data-telegram-post")
    ref = telegram.short(name) if name else None
    return Finding("embed", "telegram", ref, element, "script:telegram", "data-telegram-post", name) if ref else None


def _x_by_id(element: HtmlElement) -> Finding | None:
    for name in _X_IDS:
        if (number := (element.get(name) or "").strip()).isdecimal() and len(number) <= 19:
            text, author = words_of(element) if element.tag != "iframe" else (None, None)
            return Finding("embed", "x", x.post(number), element, mark(element), name, None, text, author)
    return None


def _box(element: HtmlElement, css: str) -> Finding | None:
    network = network_of(css)
    for inner in element.iter("blockquote", "iframe", *_CUSTOM):
        if inner is not element and (found := embed_of(inner)) is not None:
            return found
    ref, attribute, raw = _own_post(element, network or "")
    if ref is None and network:
        ref, attribute, raw = _linked_post(element, network)
    if ref is None:
        for piece in element.itertext():
            if "//" in piece and (bare := post_at(piece.strip())):
                ref, attribute, raw = bare, None, piece.strip()
                break
    if ref is None:
        return None
    text, author = words_of(element)
    if text and (len(text) < 5 or text.startswith(("http:", "https:"))):
        text = None
    return Finding("embed", ref.platform, ref, element, mark(element), attribute, raw, text, author)


def _of(element: HtmlElement, ref: PostRef | None, attribute: str) -> Finding | None:
    raw = element.get(attribute)
    return Finding("embed", ref.platform, ref, element, str(element.tag), attribute, raw) if ref else None


def _by_url(*names: str) -> Callable[[HtmlElement], Finding | None]:
    def find(element: HtmlElement) -> Finding | None:
        for name in names:
            if (value := element.get(name)) and (ref := next((ref for ref, _ in posts_in(value)), None)):
                return _of(element, ref, name)
        return None

    return find


def _amp_instagram(element: HtmlElement) -> Finding | None:
    code = element.get("data-shortcode") or ""
    return _of(element, instagram.post(code), "data-shortcode") if re.fullmatch(r"[\w-]{5,40}", code) else None


def _video(element: HtmlElement) -> Finding | None:
    for name in ("data-videoid", "videoid", "video-id", "data-video-id"):
        if re.fullmatch(r"[\w-]{11}", video := element.get(name) or ""):
            return _of(element, youtube.post(video, element.get("data-param-start")), name)
    return None


def _embetty_video(element: HtmlElement) -> Finding | None:
    return _video(element) if (element.get("type") or "youtube") == "youtube" else None


def _embetty_tweet(element: HtmlElement) -> Finding | None:
    number = element.get("status") or ""
    return _of(element, x.post(number), "status") if number.isdecimal() and len(number) <= 19 else None


def _bluesky_amp(element: HtmlElement) -> Finding | None:
    value = element.get("data-uri") or element.get("data-src") or ""
    return _of(element, bluesky.match(value), "data-uri")


_CUSTOM: dict[str, Callable[[HtmlElement], Finding | None]] = {
    "amp-twitter": lambda element: _x_by_id(element),
    "twitter-widget": lambda element: _x_by_id(element),
    "twitterwidget": lambda element: _x_by_id(element),
    "embetty-tweet": _embetty_tweet,
    "amp-instagram": _amp_instagram,
    "amp-facebook": _by_url("data-href"),
    "amp-tiktok": _by_url("data-src"),
    "amp-reddit": _by_url("data-src"),
    "amp-youtube": _video,
    "lite-youtube": _video,
    "youtube-video": _video,
    "embetty-video": _embetty_video,
    "amp-embedly-card": _by_url("data-url"),
    "amp-bluesky": _bluesky_amp,
}


_PLACEHOLDER = re.compile(r"(?:loading|laden|chargement|cargando|caricamento|загрузка)\b.{0,30}$", re.IGNORECASE)

OWN_TAGS = frozenset({"blockquote", "iframe", "amp-iframe", "script", *_CUSTOM})


def may_embed(tag: str, items: list[tuple[str, str]]) -> bool:
    """Whether `embed_of` can say anything about an element of these attributes: quick, since nearly all are plain boxes."""
    if tag in OWN_TAGS:
        return True
    if tag in _BOX_TAGS:
        for name, value in items:
            if is_box(value) if name == "class" else name in _BOX_IDS:
                return True
    return False


@lru_cache(maxsize=8192)
def is_box(css: str) -> bool:
    """Whether a class names the box of an embed. A page has few classes, many times."""
    css = css[:500].lower()
    return _MAY_BOX.search(css) is not None and _BOX.search(css) is not None


def words_of(element: HtmlElement) -> tuple[str | None, EmbeddedAuthor | None]:
    """The embed's own text without its signature, and who signed it: evidence about the article, editors alter it."""
    whole = _SPACE.sub(" ", element.text_content()).strip()[:TEXT_MAX]
    if not whole:
        return None, None
    signed = max(SIGNATURE.finditer(whole), key=lambda match: match.start(), default=None)
    author = EmbeddedAuthor(name=signed["name"].strip(' "“”'), username=signed["user"]) if signed else None
    first = next((p for p in element.iter("p") if p.get("lang") is not None or p.get("dir") is not None), None)
    text = _SPACE.sub(" ", first.text_content()).strip() if first is not None else ""
    if not text:
        text = whole[: signed.start()].strip() if signed else whole
    if _PLACEHOLDER.match(text) or (signed is None and text == _labels(element)):
        return None, author  # what stands there until the post is loaded: "View this post on X", its day, its address
    return text or None, author


def _labels(element: HtmlElement) -> str:
    """The words of an element's links, as they stand one behind the other."""
    return _SPACE.sub(" ", " ".join(link.text_content() for link in element.iter("a"))).strip()


def mark(element: HtmlElement) -> str:
    """`tag:class`, by the first class that names a network, else the first; the tag alone without one."""
    css = (element.get("class") or "")[:500].split()
    chosen = next((name for name in css if network_of(name.lower())), css[0] if css else None)
    return f"{element.tag!s}:{chosen[:80]}" if chosen else str(element.tag)
