"""Languages: the one a page declares, and the one its text is written in.

Belongs here: BCP 47 spelling of declarations, and detection. The two are kept apart: templates lie, and short texts
deceive detectors. The only importer of py3langid.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Any

from archiver.extract.structured import Graph, Microdata, Sweep
from archiver.models.article import DetectedLanguage

SAMPLE_MAX = 1000
"""Characters that are classified; twice as many change nothing but the time."""
SHORT = 60
"""Letters below which the declared language is believed rather than the detector."""
SURE, SURE_SHORT = 0.99, 0.9
"""Confidence from which a text's language counts against the declared one; a short text's, where the declared one cannot be."""
LONG = 300
"""Letters from which a sure detection is believed against the declaration; another script needs fewer."""

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_LETTERS = re.compile(r"[^\W\d_]")
_NAMES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es", "español": "es", "italian": "it",
    "italiano": "it", "russian": "ru", "arabic": "ar", "persian": "fa", "farsi": "fa", "dari": "fa-AF", "pashto": "ps", "urdu": "ur",
    "turkish": "tr", "portuguese": "pt", "chinese": "zh", "japanese": "ja", "dutch": "nl", "polish": "pl", "hindi": "hi",
}  # fmt: skip
_OLD = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "prs": "fa-AF",
    "jp": "ja",
    "cn": "zh",
    "kr": "ko",
    "gr": "el",
    "ua": "uk",
    "dk": "da",
    "cz": "cs",
}
_THREE = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "ara": "ar", "fas": "fa",
    "per": "fa", "pus": "ps", "urd": "ur", "tur": "tr", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "nld": "nl", "dut": "nl", "pol": "pl",
    "ukr": "uk", "hin": "hi", "ben": "bn", "ind": "id", "vie": "vi", "tha": "th", "swe": "sv", "nor": "no", "dan": "da", "fin": "fi", "ell": "el",
    "gre": "el", "heb": "he", "ces": "cs", "cze": "cs", "hun": "hu", "ron": "ro", "rum": "ro", "swa": "sw", "zul": "zu",
}  # fmt: skip
"""ISO 639-2 and 639-3 codes whose BCP 47 spelling has two letters (RFC 5646 §2.2.1: the shortest code is the tag)."""
_NOT_LANGUAGES = frozenset(("und", "zxx", "mul", "mis", "xx", "xxx", "non", "nul", "undefined", "utf"))
_NOT_LATIN = frozenset(
    ("ar", "fa", "ps", "ur", "he", "yi", "ug", "sd", "ckb", "dv", "ru", "uk", "be", "bg", "mk", "kk", "ky", "mn", "tg", "el", "hy", "ka", "am", "ti", "hi", "mr", "ne",
     "bn", "as", "pa", "gu", "or", "ta", "te", "kn", "ml", "si", "th", "lo", "my", "km", "bo", "dz", "zh", "ja", "ko")
)  # fmt: skip
"""Languages that are not written in Latin letters. Those with two scripts (sr, uz, az, ku) need a long text."""
_ALIKE = tuple(
    {one, other}
    for group in (
        ("no", "nb", "nn", "da"),
        ("hr", "sr", "bs"),
        ("id", "ms"),
        ("cs", "sk"),
        ("gl", "pt", "es"),
        ("af", "nl"),
    )
    for one, other in itertools.combinations(group, 2)
)
"""Neighbours that a detector mixes up."""
_PASHTO = re.compile("[ټډړږښڅځڼېۍګ]")
_PASHTO_ONLY = re.compile("[ټډړښڅځڼۍ]")
_URDU_ONLY = re.compile("[ٹڈڑںےہھ]")
_LATIN_LETTERS = re.compile("[A-Za-z\u00c0-\u024f]")
_OTHER_LETTERS = re.compile("[\u0370-\u1dff\u2c00-\ud7ff]")
_PERSIAN = re.compile("[پچژگ]")


def declared_language(
    graph: Graph, sweep: Sweep, microdata: Microdata | None, header: str | None
) -> tuple[str | None, str | None]:
    """(BCP 47 tag, place). Order: own JSON-LD entry, `html lang`, content-language, og:locale, other meta, microdata,
    the Content-Language header (`header`) when it names one language."""
    candidates: list[tuple[str | None, str]] = []
    for node in graph.own[:3]:
        for value in graph.values(node, "inLanguage")[:1]:
            spelled = graph.text(value, "alternateName", "name", "@id") if isinstance(value, dict) else value
            candidates.append((spelled if isinstance(spelled, str) else None, "json-ld inLanguage"))
    candidates.append((sweep.html_lang, "html lang"))
    for name in (
        "content-language",
        "og:locale",
        "language",
        "dc.language",
        "dcterms.language",
        "citation_language",
        "sailthru.lang",
    ):
        candidates.append((sweep.first(name), f"meta {name}"))
    if microdata is not None:
        candidates.extend((text, "microdata inLanguage") for text in microdata.texts("inlanguage")[:1])
    if header and "," not in header:
        candidates.append((header, "header content-language"))
    for raw, place in candidates:
        if raw and (tag := language_tag(raw)):
            return tag, place
    return None, None


def language_tag(raw: str) -> str | None:
    """A declaration in BCP 47 spelling (`en-US`, `zh-Hans`); None for what names no language."""
    text = raw.strip().split(",")[0].split(".")[0].strip()
    named = _NAMES.get(text.lower())
    if named:
        return named
    match = _TAG.fullmatch(text)
    if not match:
        return None
    parts = text.replace("_", "-").split("-")
    primary = parts[0].lower()
    if primary in _NOT_LANGUAGES:
        return None
    primary = _THREE.get(primary, primary)
    primary, _, implied = _OLD.get(primary, primary).partition("-")
    rest = [
        part.title() if len(part) == 4 and part.isalpha() else part.upper() if len(part) in (2, 3) else part.lower()
        for part in parts[1:4]
    ]
    if implied and implied not in rest:
        rest.append(implied)
    return "-".join([primary, *rest])


def detect_language(text: str, declared: str | None) -> DetectedLanguage | None:
    """The language of `text`; the declared one (confidence 0.5) when the text is too short to tell; None without either.

    Letters that only one language of the Arabic script writes decide before the model does: it was trained on little
    Pashto and mixes up Persian and Urdu in short texts.
    """
    sample = text[:SAMPLE_MAX]
    letters = len(_LETTERS.findall(sample))
    if letters < SHORT:
        primary = (declared or "").split("-")[0].lower()
        return DetectedLanguage(code=primary, confidence=0.5) if primary else None
    by_script = _by_letters(sample, letters)
    if by_script:
        return by_script
    code, confidence = _identifier().classify(sample)
    return DetectedLanguage(code=str(code), confidence=round(float(confidence), 4))


def reading_language(declared: str | None, shown: str) -> str | None:
    """The language to read `shown` (a headline and the like) and what stands around it in.

    The declared one, unless there is none, or it is written in Latin letters and `shown` is not: templates are left in English.
    Then the detected one; "und" where that is not sure and the declared one is refuted.
    """
    refuted = False
    if declared and not shown.isascii() and declared.split("-")[0].lower() not in _NOT_LATIN:
        foreign = len(_OTHER_LETTERS.findall(shown[:200]))
        refuted = foreign > 0 and foreign > len(_LATIN_LETTERS.findall(shown[:200])) * 1.5
    if declared and not refuted:
        return declared
    found = detect_language(shown, None)
    if found and found.confidence >= SURE_SHORT:
        return found.code
    return "und" if refuted else None


def written_language(text: str, declared: str | None, detected: DetectedLanguage | None) -> str | None:
    """The language whose words are looked for in `text`: the declared one, unless a sure detection says another.

    Templates keep the language they were made in. A detection is sure with high confidence in a text that is long or
    written in a script that the declared language does not use.
    """
    if detected is None or declared is None:
        return declared or (detected.code if detected else None)
    primary = declared.split("-")[0].lower()
    if detected.code == primary or detected.confidence < SURE or {primary, detected.code} in _ALIKE:
        return declared
    letters = _LETTERS.findall(text[:SAMPLE_MAX])
    latin = sum(1 for letter in letters if letter < "\u0250") * 2 > len(letters)
    return detected.code if len(letters) >= LONG or latin == (primary in _NOT_LATIN) else declared


def _by_letters(sample: str, letters: int) -> DetectedLanguage | None:
    arabic = sum(1 for char in sample if "\u0600" <= char <= "\u06ff")
    if arabic < letters * 0.6:
        return None
    pashto, urdu = len(_PASHTO_ONLY.findall(sample)), len(_URDU_ONLY.findall(sample))
    if pashto > max(2, letters * 0.01) and pashto > urdu:
        return DetectedLanguage(code="ps", confidence=0.99)
    if urdu > max(2, letters * 0.03):
        return DetectedLanguage(code="ur", confidence=0.99)
    return None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
