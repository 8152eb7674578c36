"""Finding embedded posts in a tree and taking them out, leaving markers that survive extraction.

Belongs here: which elements are the embed code of a social post, how far their wrapper reaches, and the marker that stands for
them. Which post an embed shows, and the Citation made of it, are for the citation code: it gets each embed's
HTML as it was. Nothing here knows a news site; the names are those of the platforms' own embed code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

EMBEDS_MAX = 500
"""Embeds of one page that get a marker; a page with more is no article, and the rest is removed without one."""

_HTML_MAX = 20_000

_NETWORK = r"(?:twitter|tweet|instagram|insta|facebook|fb|tiktok|bluesky|bsky|threads|text-post|mastodon|reddit|telegram|truthsocial|linkedin)"
_QUOTE_CLASS = re.compile(rf"(?:^|[\s_-]){_NETWORK}(?:[\s_-]|$)", re.IGNORECASE)
_BOX_CLASS = re.compile(
    rf"(?:^|\s)(?:fb-(?:post|video)|twitter-(?:tweet|video)(?:-rendered)?|instagram-media|tiktok-embed|reddit-card|embedly-card"
    rf"|wp-block-embed-(?:x|{_NETWORK})|is-provider-(?:x|{_NETWORK}))(?:\s|$)",
    re.IGNORECASE,
)
_FRAME_SOURCE = re.compile(
    r"//(?:[\w-]+\.)*(?:platform\.(?:twitter|x)\.com/embed|twitframe\.com|instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/"
    r"|threads\.(?:net|com)/.*/embed|facebook\.com/plugins/(?:post|video)|tiktok\.com/(?:embed|player)|t\.me/\w+/\d+"
    r"|embed\.bsky\.app|embed\.reddit\.com|redditmedia\.com|linkedin\.com/embed|truthsocial\.com/.*embed"
    r"|(?:cdn\.)?embedly\.com/widgets|(?:cdn\.)?iframe\.ly/|(?:www\.)?youtube(?:-nocookie)?\.com/embed/)",
    re.IGNORECASE,
)
_FRAME_CLASS = re.compile(rf"(?:^|[\s_-]){_NETWORK}(?:-(?:embed|tweet|media|post))?(?:\s|$)", re.IGNORECASE)
_CUSTOM = (
    "twitter-widget", "twitterwidget", "amp-twitter", "embetty-tweet", "amp-instagram", "amp-facebook", "amp-tiktok",
    "amp-youtube", "lite-youtube", "embetty-video", "amp-reddit", "amp-embedly-card",
)  # fmt: skip
_WRAPPERS = frozenset({"figure", "div", "aside", "center", "section", "p", "span", "li"})
_SPACE = re.compile(r"\s+")
MARKER = re.compile(r"\[\[post:(\d+)\]\]")


@dataclass(frozen=True, slots=True)
class Embed:
    """One embedded post as the page holds it. `markup` is `tag:class` of its code, `html` the code itself (cut at 20,000)."""

    number: int
    markup: str
    html: str
    text: str


def take_embeds(tree: HtmlElement) -> list[Embed]:
    """Remove every embedded post from `tree` (the caller's copy) and leave `<p>[[post:N]]</p>` in its place.

    The outermost wrapper that holds nothing else goes with it, since trafilatura drops a marker left inside a figure or an
    aside. An embed inside another one is part of that one. Returns them in document order.
    """
    found: list[Embed] = []
    for element in _candidates(tree):
        if element is tree or not _attached(element, tree):
            continue
        wrapper = _wrapper(element)
        if len(found) < EMBEDS_MAX:
            embed = Embed(len(found), _markup(element), _html(element), _SPACE.sub(" ", element.text_content()).strip())
            found.append(embed)
            _replace(wrapper, f"[[post:{embed.number}]]")
        else:
            _replace(wrapper, None)
    return found


def _candidates(tree: HtmlElement) -> list[HtmlElement]:
    return [
        element
        for element in tree.iter("blockquote", "iframe", "figure", "div", "section", "a", "script", *_CUSTOM)
        if is_embed(element)
    ]


def is_embed(element: HtmlElement) -> bool:
    """Whether an element is the embed code of a social post."""
    tag, css = element.tag, element.get("class")
    if tag == "blockquote":
        return bool(css and _QUOTE_CLASS.search(css)) or element.get("data-instgrm-permalink") is not None
    if tag == "iframe":
        return bool(css and _FRAME_CLASS.search(css)) or any(
            _FRAME_SOURCE.search(value) for name, value in element.items() if "src" in name or name == "data-url"
        )
    if tag == "script":
        return element.get("data-telegram-post") is not None
    if tag == "a":
        return css is not None and "twitter-tweet" in css.split()
    if tag in _CUSTOM:
        return tag != "embetty-video" or element.get("type") == "youtube"
    return bool(css and _BOX_CLASS.search(css))


def _attached(element: HtmlElement, tree: HtmlElement) -> bool:
    """False once an ancestor was taken out."""
    last = element
    for last in element.iterancestors():
        if last is tree:
            return True
    return last is tree


def _wrapper(element: HtmlElement) -> HtmlElement:
    """The outermost ancestor that holds this embed and, besides scripts and white space, nothing else."""
    inside = _weight(element)
    while True:
        parent = element.getparent()
        if parent is None or parent.tag not in _WRAPPERS:
            return element
        if parent.tag != "figure" and _weight(parent) > inside:
            return element
        if any(True for _ in parent.iter("img", "video")) and not any(True for _ in element.iter("img", "video")):
            return element
        element, inside = parent, _weight(parent)


def _weight(element: HtmlElement) -> int:
    """Characters of text without white space and scripts, plus one for each further embed that must not be swallowed."""
    scripts = sum(len("".join((script.text or "").split())) for script in element.iter("script", "style"))
    frames = sum(100_000 for _ in element.iter("blockquote", "iframe"))
    return len("".join(element.text_content().split())) - scripts + frames


def _markup(element: HtmlElement) -> str:
    css = (element.get("class") or "").split()
    tag = str(element.tag)
    return f"{tag}:{css[0]}" if css else tag


def _html(element: HtmlElement) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))[:_HTML_MAX]


def _replace(element: HtmlElement, marker: str | None) -> None:
    """Put the marker's paragraph, or nothing, where `element` stood; its tail stays."""
    parent = element.getparent()
    if parent is None:
        return
    paragraph = etree.SubElement(parent, "p")
    paragraph.text = marker
    paragraph.tail = element.tail
    parent.replace(element, paragraph)
