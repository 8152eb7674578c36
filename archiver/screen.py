"""Is this page an article at all? Challenge pages, walls, soft 404s and section pages get a Reason here.

Belongs here: general signs in the markup, the title and the amount of text; no host names of publishers. HTTP status errors
never reach this point. A paywall stub is an article (its paywall is a field of the document), not a refusal. Every rule that
looks at words also asks for little text, since an article may well be about cookies, logins or captchas: a page with a body of
`ENOUGH` characters or more is never refused for its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from archiver.page import Page
from archiver.reasons import Reason

Verdict = tuple[Reason, str]

ENOUGH = 1500
"""Characters of running text with which a page is what it says it is."""

_CHALLENGE_TITLE = re.compile(
    r"just a moment|attention required|one moment, please|please wait|un momento|einen moment|nur einen moment|checking your browser|ddos.guard"
    r"|access (?:to this page has been )?denied|are you (?:a )?(?:robot|human)|(?:robot|bot|human|security|browser) (?:check|verification|challenge)"
    r"|verify(?:ing)? (?:that )?you are|verification required|pardon our interruption|request unsuccessful|you have been blocked|captcha|403 forbidden"
    r"|проверка браузера|sicherheitsüberprüfung|vérification de sécurité|verificación de seguridad|请稍候|安全验证|アクセスが拒否|التحقق من|bot manager",
    re.IGNORECASE,
)
_CHALLENGE_MARKUP = re.compile(
    r"/cdn-cgi/challenge-platform|cf-chl-|cf_chl_opt|id=\"challenge-(?:form|running|error)|_incapsula_resource|captcha-delivery\.com|px-captcha|/_sec/cp_challenge"
    r"|awswafcookiedomainlist|ddos-guard/js-challenge|sgcaptcha|geo\.captcha|kpsdk|ak_bmsc.{0,40}challenge|distil_r_captcha|hcaptcha\.com/1/api|recaptcha/(?:api|enterprise)\.js"
    r"|slowaes|toNumbers\(|document\.cookie\s*=\s*[\"'][^\"']*[\"'];\s*(?:window\.)?location\.(?:reload|href)",
    re.IGNORECASE,
)
_CONSENT_TITLE = re.compile(
    r"before you continue|bevor sie (?:fortfahren|weiter)|avant (?:de continuer|d'accéder)|antes de continuar|prima di continuare|voordat je verdergaat|innan du fortsätter"
    r"|cookie ?(?:wall|consent|einstellungen|settings|preferences)|(?:privacy|consent|datenschutz)[ -]?(?:wall|settings|einstellungen|center|gate|choices)|your privacy|ihre privatsphäre"
    r"|zustimmung|einwilligung|we value your privacy|wir brauchen (?:ihre|deine) zustimmung|toestemming",
    re.IGNORECASE,
)
_CONSENT_WORDS = re.compile(
    r"cookies?|tracking|consent|personali[sz]ed ads|our (?:\d+ )?partners|vendors|accept all|reject all|legitimate interest|mit werbung|werbefrei|pur-?abo|zustimm\w+|einwillig\w+|akzeptieren"
    r"|datenschutz\w*|accepter|refuser|consentement|partenaires|aceptar|rechazar|consentimiento|accetta\w*|rifiuta\w*|consenso|accepteren|weigeren|toestemming|samtyck\w+|согласие|ملفات تعريف",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^(?:log ?in|sign ?in|sign ?up|register|subscriber login|member login|einloggen|anmeld(?:en|ung)|login|connexion|se connecter|identif(?:iez-vous|ication)|iniciar sesión|acceder|inicia sesión"
    r"|accedi|entrar|fazer login|inloggen|logga in|logg inn|zaloguj|вход|войти|авторизация|ورود|تسجيل الدخول|giriş|ログイン|登录|登入|로그인)\b",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|signup|register|auth|anmelden|connexion|iniciar-sesion)(?:[/.?]|$)", re.IGNORECASE
)
_MISSING_TITLE = re.compile(
    r"\b404\b|(?:page|article|story|content|file|document|url) (?:(?:you.{0,30})?(?:not|could not be|cannot be|can't be) found|not available|no longer (?:exists|available)|unavailable|doesn'?t exist|does not exist|missing)"
    r"|^(?:not found|nothing found|oops!?|error|sorry)\b|(?:page|we) can(?:no|')t (?:be found|find)|seite (?:wurde )?(?:leider )?nicht (?:gefunden|verfügbar)|nicht gefunden|page (?:non trouvée|introuvable|inexistante)"
    r"|página no (?:encontrada|existe)|no (?:se ha )?encontrad[ao]|pagina non (?:trovata|esiste)|página não (?:encontrada|existe)|pagina niet gevonden|sidan (?:finns inte|hittades inte|kunde inte)|siden (?:finnes ikke|findes ikke|ble ikke funnet)"
    r"|sivua ei l[öo]yd|strona nie (?:istnieje|została znaleziona)|nie znaleziono|stránka (?:nenalezena|nebyla nalezena|neexistuje)|страница не (?:найдена|существует)|сторінк\w+ не (?:знайден|існу)|sayfa bulunamad|a keresett oldal|nem található"
    r"|صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد|الصفحة (?:غير موجودة|المطلوبة)|لم يتم العثور|صفحہ (?:نہیں ملا|موجود نہیں)|پاڼه ونه موندل|ページが見つかりません|お探しのページ|页面不存在|找不到(?:页面|網頁)|페이지를 찾을 수 없|ไม่พบหน้า|halaman tidak ditemukan|không tìm thấy trang",
    re.IGNORECASE,
)
_ARTICLE_TYPE = re.compile(
    r'"@type"\s*:\s*(?:\[[^\]]*)?"[A-Za-z]*(?:Article|BlogPosting|Report|Review|Recipe|LiveBlogPosting|ClaimReview|Posting)"'
)
_SECTION_TYPE = re.compile(
    r'"@type"\s*:\s*(?:\[[^\]]*)?"(?:CollectionPage|ItemList|SearchResultsPage|ProfilePage|ContactPage|AboutPage)"'
)
_PAGED = re.compile(
    r"[?&/](?:page|seite|p|pg)[=/]\d+/?$|/(?:tag|tags|topic|topics|thema|themen|category|categories|kategorie|author|authors|autor|search|archive|archiv|rubrik|section)/[^/]+/?$",
    re.IGNORECASE,
)
_DATE_META = etree.XPath(
    "boolean(//meta[@property='article:published_time' or @itemprop='datePublished' or @name='pubdate' or @name='date' or @name='parsely-pub-date']"
    " | //*[@itemprop='datePublished'])"
)
_DATE_WORDS = ("published_time", "datePublished", "pubdate", "parsely-pub-date", "'date'", '"date"', "=date")
_SENTENCE_END = re.compile(r"[.!?。！？؟۔।…][\"”’»)\]]*$")


@dataclass(frozen=True)
class _Signs:
    """What the rules look at, each found once and only when asked for."""

    page: Page

    @property
    def tree(self) -> HtmlElement:
        return self.page.tree

    @cached_property
    def visible(self) -> int:
        """Characters of text outside scripts and styles."""
        hidden = sum(len(element.text or "") for element in self.tree.iter("script", "style"))
        return len(self.tree.text_content()) - hidden

    @cached_property
    def titles(self) -> list[str]:
        found = [self.tree.findtext(".//title") or ""]
        found += [heading.text_content() for heading in list(self.tree.iter("h1"))[:2]]
        return [text for title in found if (text := " ".join(title.split()))]

    @cached_property
    def linked_data(self) -> str:
        scripts = (script for script in self.tree.iter("script") if script.get("type") == "application/ld+json")
        return "\n".join(script.text or "" for script in scripts)[:500_000]

    @cached_property
    def declares_article(self) -> bool:
        return bool(_ARTICLE_TYPE.search(self.linked_data)) or self.dated or self.open_graph_type == "article"

    @cached_property
    def open_graph_type(self) -> str:
        return next(
            (meta.get("content", "").lower() for meta in self.tree.iter("meta") if meta.get("property") == "og:type"),
            "",
        )

    @cached_property
    def dated(self) -> bool:
        """Whether markup names a date of publication. The words are looked for first: the expressions walk the whole tree."""
        html = self.page.html
        return any(word in html for word in _DATE_WORDS) and bool(_DATE_META(self.tree))

    @cached_property
    def cards(self) -> list[HtmlElement]:
        """Links in headings of second or third rank, and such headings in links."""
        found: list[HtmlElement] = []
        for heading in self.tree.iter("h2", "h3"):
            if any(parent.tag == "a" and parent.get("href") is not None for parent in heading.iterancestors()):
                found.append(heading)
            found += [anchor for anchor in heading.iter("a") if anchor.get("href") is not None]
        return found


def screen(page: Page, body_text: str | None) -> Verdict | None:
    """Why the page gives no document, as (reason, what was seen); None for an article.

    `body_text` is the extracted text, or None when nobody has extracted it yet: then only small pages are judged, by what their
    markup says.
    """
    signs = _Signs(page)
    text = body_text if body_text is not None else ""
    if (len(text) if body_text is not None else signs.visible) < ENOUGH:
        found = _challenge(signs) or _missing(signs) or _login(signs) or _consent(signs, text)
        if found:
            return found
    if body_text is None:
        return None
    if not text.strip():
        return Reason.NO_TEXT, "no article text was found"
    return _shell(signs, text) or _section(signs, text)


def _challenge(signs: _Signs) -> Verdict | None:
    title = next((title for title in signs.titles if _CHALLENGE_TITLE.search(title)), None)
    if title and (signs.visible < ENOUGH or _CHALLENGE_MARKUP.search(signs.page.html)) and not signs.declares_article:
        return Reason.CHALLENGE, f"title {title[:80]!r}"
    if signs.visible < 600 and not signs.declares_article and (mark := _CHALLENGE_MARKUP.search(signs.page.html)):
        return Reason.CHALLENGE, f"markup {mark[0][:60]!r}"
    return None


def _missing(signs: _Signs) -> Verdict | None:
    title = next((title for title in signs.titles if len(title) < 120 and _MISSING_TITLE.search(title)), None)
    if title and not _ARTICLE_TYPE.search(signs.linked_data) and not signs.dated:
        return Reason.SOFT_404, f"title {title[:80]!r}"
    return None


def _login(signs: _Signs) -> Verdict | None:
    if not signs.tree.xpath("boolean(//input[@type='password'])") or signs.declares_article:
        return None
    title = next((title for title in signs.titles if _LOGIN_TITLE.search(title)), None)
    path = urlsplit(signs.page.url).path
    if title or _LOGIN_PATH.search(path):
        return Reason.LOGIN_WALL, f"title {title[:80]!r}" if title else f"path {path[:80]!r}"
    return None


def _consent(signs: _Signs, text: str) -> Verdict | None:
    if signs.declares_article or signs.visible > 3 * ENOUGH:
        return None
    words = len({match.lower() for match in _CONSENT_WORDS.findall(text or signs.tree.text_content())})
    title = next((title for title in signs.titles if _CONSENT_TITLE.search(title)), None)
    if title and words >= 2:
        return Reason.CONSENT_WALL, f"title {title[:80]!r}"
    if words >= 5:
        return Reason.CONSENT_WALL, f"{words} words of consent in {signs.visible} characters"
    return None


def _shell(signs: _Signs, text: str) -> Verdict | None:
    """A page that scripts would fill: all that can be read is what it says to those without scripts."""
    if len(text) > 300 or signs.declares_article:
        return None
    said = " ".join(" ".join(str(element.text_content()) for element in signs.tree.iter("noscript")).split())
    if said and all(" ".join(line.split()) in said for line in text.split("\n")):
        return Reason.NO_TEXT, f"only what is shown without scripts: {said[:80]!r}"
    return None


def _section(signs: _Signs, text: str) -> Verdict | None:
    """A page of teasers: many linked headings, no declared article, and little running text."""
    if _ARTICLE_TYPE.search(signs.linked_data) or signs.dated:
        return None
    path = urlsplit(signs.page.url).path
    points = (
        2 * (path.strip("/") == "" and bool(path or not urlsplit(signs.page.url).query))
        + 2 * bool(_SECTION_TYPE.search(signs.linked_data))
        + 2 * bool(_PAGED.search(path))
        + (signs.open_graph_type in ("website", "profile"))
        + 2 * (len(signs.cards) >= 12)
        + (len(signs.cards) >= 30)
        + 2 * (_running_share(text) < 0.5)
        + 4 * (_led_by_links(signs, text) > 0.6)
        + (len(text) < 600)
    )
    if points >= 6 and len(signs.cards) >= 8:
        return (
            Reason.NOT_AN_ARTICLE,
            f"{len(signs.cards)} linked headings, no declared article, {len(text)} characters of text",
        )
    return None


def _led_by_links(signs: _Signs, text: str) -> float:
    """The share of lines that open with the words of a linked heading: teasers do, paragraphs do not."""
    heads = {head for found in signs.cards if len(head := " ".join(str(found.text_content()).split())) > 12}
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return sum(line.startswith(tuple(heads)) for line in lines) / max(1, len(lines)) if heads else 0.0


def _running_share(text: str) -> float:
    """The share of characters in lines that end as sentences and are longer than a teaser."""
    lines = text.split("\n")
    return sum(len(line) for line in lines if len(line) > 140 and _SENTENCE_END.search(line)) / max(1, len(text))
