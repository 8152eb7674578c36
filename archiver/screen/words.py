"""Pages that say what they are: challenges, missing pages, login and consent walls.

Belongs here: the words of titles in many languages, and the markup of anti-bot services. An article may bear the same words:
with `PROSE` its title must say nothing else.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from archiver.reasons import Reason
from archiver.screen.signs import ARTICLE_TYPE, ENOUGH, SENTENCE_END, SITE_NAME, Signs, Verdict

PROSE, PROSE_DECLARED = 400, 150
"""Characters of sentences with which a headline may begin as those of error pages do; fewer where og:type says article."""
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
    r"\b404\b|(?:page|article|story|content|file|document|url) (?:(?:you.{0,30})?(?:not|could not be|cannot be|can't be) found|(?:is |was )?(?:not available|no longer (?:exists|available|online)|unavailable|missing)|isn't available|doesn'?t exist|does not exist|has been (?:removed|deleted))"
    r"|^(?:not found|nothing found|oops!?|error|sorry)\b|(?:page|we) can(?:no|')t (?:be found|find)|we could(?:n't| not) find|seite (?:wurde )?(?:leider )?nicht (?:gefunden|verfügbar)|nicht gefunden|page (?:non trouvée|introuvable|inexistante)"
    r"|página no (?:encontrada|existe)|no (?:se ha )?encontrad[ao]|pagina non (?:trovata|esiste)|página não (?:encontrada|existe)|pagina niet gevonden|sidan (?:finns inte|hittades inte|kunde inte)|siden (?:finnes ikke|findes ikke|ble ikke funnet)"
    r"|sivua ei l[öo]yd|strona nie (?:istnieje|została znaleziona)|nie znaleziono|stránka (?:nenalezena|nebyla nalezena|neexistuje)|страница не (?:найдена|существует)|сторінк\w+ не (?:знайден|існу)|sayfa bulunamad|a keresett oldal|nem található"
    r"|صفحه (?:مورد نظر )?(?:یافت|پیدا) نشد|الصفحة (?:غير موجودة|المطلوبة)|لم يتم العثور|صفحہ (?:نہیں ملا|موجود نہیں)|پاڼه ونه موندل|ページが見つかりません|お探しのページ|页面不存在|找不到(?:页面|網頁)|페이지를 찾을 수 없|ไม่พบหน้า|halaman tidak ditemukan|không tìm thấy trang",
    re.IGNORECASE,
)
_PART = re.compile(r"\s+(?:[|•·»«›–—~]|-)\s+|\s*[|│｜]\s*")
_NO_LETTER = re.compile(r"[\W_]+")


def challenge(signs: Signs, text: str | None) -> Verdict | None:
    title = _telling(signs, _CHALLENGE_TITLE, text)
    if title and (signs.visible < ENOUGH or _CHALLENGE_MARKUP.search(signs.page.html)) and not signs.declares_article:
        return Reason.CHALLENGE, f"title {title[:80]!r}"
    if signs.visible < 600 and not signs.declares_article and (mark := _CHALLENGE_MARKUP.search(signs.page.html)):
        return Reason.CHALLENGE, f"markup {mark[0][:60]!r}"
    return None


def missing(signs: Signs, text: str | None) -> Verdict | None:
    title = _telling(signs, _MISSING_TITLE, text, longest=120)
    if title and not ARTICLE_TYPE.search(signs.linked_data) and not signs.dated:
        return Reason.SOFT_404, f"title {title[:80]!r}"
    return None


def _telling(signs: Signs, pattern: re.Pattern[str], text: str | None, longest: int = 1000) -> str | None:
    """The title by which `pattern` tells what the page is.

    Where the title says more ("Sorry is not enough, says mayor"), or og:type says article, the page must also be without
    running text; so these are judged when the text is known.
    """
    declared = signs.open_graph_type == "article"
    bare = text is not None and _prose(text) < (PROSE_DECLARED if declared else PROSE)
    for title in signs.titles:
        plain = title.replace("’", "'")
        if len(title) >= longest or not pattern.search(plain):
            continue
        if bare or (not declared and _says_nothing_else(plain, pattern)):
            return title
    return None


def _says_nothing_else(title: str, pattern: re.Pattern[str]) -> bool:
    """Whether a title is an error page's own, alone or beside the site's name: "Page not found | The Gull"."""
    parts = _PART.split(title)
    own = [part for part in parts if pattern.search(part)]
    if not own or any(len(part) > SITE_NAME for part in parts if part not in own):
        return False
    matched = sum(len(_NO_LETTER.sub("", found[0])) for part in own for found in pattern.finditer(part))
    return 2 * sum(len(_NO_LETTER.sub("", part)) for part in own) <= 3 * matched


def _prose(text: str) -> int:
    """The characters of lines that are sentences."""
    return sum(len(line) for line in text.split("\n") if len(line) > 60 and SENTENCE_END.search(line))


def login(signs: Signs, text: str | None) -> Verdict | None:
    if not signs.tree.xpath("boolean(//input[@type='password'])") or signs.declares_article:
        return None
    title = _telling(signs, _LOGIN_TITLE, text)
    path = urlsplit(signs.page.url).path
    if title or _LOGIN_PATH.search(path):
        return Reason.LOGIN_WALL, f"title {title[:80]!r}" if title else f"path {path[:80]!r}"
    return None


def consent(signs: Signs, text: str) -> Verdict | None:
    if signs.declares_article or signs.visible > 3 * ENOUGH:
        return None
    words = len({match.lower() for match in _CONSENT_WORDS.findall(text or signs.tree.text_content())})
    title = next((title for title in signs.titles if _CONSENT_TITLE.search(title)), None)
    if title and words >= 2:
        return Reason.CONSENT_WALL, f"title {title[:80]!r}"
    if words >= 5:
        return Reason.CONSENT_WALL, f"{words} words of consent in {signs.visible} characters"
    return None
