"""Cue files: one TOML a language, compiled to patterns over folded text.

Belongs here: the notation of frames and its compilation. Which words a language uses is in `cues/LANGUAGE.toml`, where a native
reader corrects it; what a match means is for `prose`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from archiver.citations.folding import folded
from archiver.citations.marks import MASK
from archiver.errors import ConfigError
from archiver.strict import decode, load_toml

FOLDER = Path(__file__).parent / "cues"
GAP, SHORT_GAP = 8, 3
"""Words that `...` and `..` stand for at most."""

WHO = 9
"""Words that `{who}` stands for at most."""

_TOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{\w+\}|\.\.\.?|\S+")
_SLOT = re.compile(r"\{(\w+)\}")
_OPEN, _CLOSE = r"[\"'«“‘‹(]?", r"[\"'»”’›)]?"
_BREAK = r"\s.!?…؟۔:;؛\"«»“”"
_ALIASES = {"prs": "fa", "fa-af": "fa", "pus": "ps", "urd": "ur", "ara": "ar", "fas": "fa", "per": "fa"}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpeakerWords(_Strict):
    """What helps to find who speaks; see the comments in the cue files."""

    pronouns: list[str] = []
    titles: list[str] = []
    between: list[str] = []
    clause: list[str] = []
    stop: list[str] = []
    by: list[str] = []
    no_names: list[str] = []
    organisations: list[str] = []
    skip: list[str] = []
    before: list[str] = []


class Reported(_Strict):
    that: list[str] = []


class Frames(_Strict):
    patterns: list[str]
    traps: list[str] = []


class CueFile(_Strict):
    """One language's cues as written. `names`: `capitals` where names have capital letters, `order` where only order tells."""

    language: str
    names: Literal["capitals", "order"]
    prefixes: list[str] = []
    suffixes: list[str] = []
    platforms: dict[str, list[str]]
    words: dict[str, list[str]]
    speaker: SpeakerWords = SpeakerWords()
    reported: Reported = Reported()
    frames: Frames


class Cues:
    """One language's cues, ready to match folded text."""

    def __init__(self, written: CueFile) -> None:
        self.written = written
        self.language = written.language
        self.capitals = written.names == "capitals"
        self.speaker = written.speaker
        self.platform_of = {folded(n): key for key, names in written.platforms.items() for n in names}
        self._networks = {_squeezed(name): key for name, key in self.platform_of.items()}
        self._slots = {name: _words(words, self._prefix()) for name, words in written.words.items()}
        names = sorted(self.platform_of, key=len, reverse=True)
        endings = "|".join(re.escape(folded(suffix)) for suffix in written.suffixes)
        ending = f"(?:{endings})?" if endings else ""
        self._platform = rf"(?<![\w-])(?:{'|'.join(_spaced(name) for name in names)}){ending}(?![\w]|-\w|'s\b)"
        words = [re.escape(folded(word)) for word in written.words.get("tweet", [])]
        own = f"|{self._prefix()}(?i:{'|'.join(words)})" if words else ""
        self.quick = re.compile(rf"(?<!\w)(?:{'|'.join(_spaced(name) for name in names)}{own})")
        """What a paragraph must hold to be looked at."""
        firsts = sorted({name.split(" ")[0] for name in names}, key=len, reverse=True)
        self._firsts = re.compile("|".join(map(re.escape, firsts)))
        tweets = {folded(word).lower() for word in written.words.get("tweet", [])}
        self._tweets = tuple(word for word in tweets if not any(other in word for other in tweets - {word}))
        that = _words(written.reported.that, self._prefix()).removeprefix(r"(?<!\w)")
        self._no_that = "" if self.capitals else f"(?!{that})"
        self.frames = [self._compile(frame) for frame in written.frames.patterns]
        self.traps = [self._compile(trap) for trap in written.frames.traps]
        verbs = [*written.words.get("verb", []), *written.words.get("wrote", []), *written.words.get("speech", [])]
        self.verb = re.compile(_words(verbs, self._prefix()), re.IGNORECASE)
        self.posting = _or_none(written.words.get("posting", []), self._prefix())
        self.within = _or_none(written.words.get("within", []), "")
        self.post = _or_none(written.words.get("post", []), "")
        self.that = _or_none(written.reported.that, self._prefix())
        self.name = re.compile(self._platform)

    def named_at(self, text: str) -> list[int]:
        """Where folded text holds what `quick` looks for. First words come first: without a look behind, a pattern runs several
        times as fast."""
        low = text.lower()
        if any(word in low for word in self._tweets):
            return [match.start() for match in self.quick.finditer(text)]
        starts = (match.start() for match in self._firsts.finditer(text))
        return [start for start in starts if self.quick.match(text, start)]

    def network(self, printed: str) -> str | None:
        """The network behind a printed name, whatever its spaces, case, hyphens and endings."""
        squeezed = _squeezed(printed)
        return self._networks.get(squeezed) or next(
            (key for name, key in self._networks.items() if len(name) > 1 and squeezed.startswith(name)), None
        )

    def _prefix(self) -> str:
        prefixes = [folded(prefix) for prefix in self.written.prefixes]
        return f"(?:{'|'.join(map(re.escape, prefixes))})?" if prefixes else ""

    def _compile(self, frame: str) -> re.Pattern[str]:
        tokens = _TOKEN.findall(frame)
        pieces: list[str] = []
        used: set[str] = set()
        for number, token in enumerate(tokens):
            body = self._token(token, used)
            if token == "{who}" and number == len(tokens) - 1:
                body = body[:-1].removesuffix("?") + ")"  # the last one takes all it can
            after = rf"(?:[,،]?\s+|(?={MASK}))" if number < len(tokens) - 1 else ""
            optional = token.startswith("[") or token in ("...", "..")
            if token == "^":
                after = ""
            pieces.append(f"(?:{body}{after})?" if optional else f"{body}{after}")
        return re.compile("".join(pieces))

    def _token(self, token: str, used: set[str]) -> str:
        if token == "^":
            return rf"(?:\A|(?<=[.!?:;,،؛—–{MASK}]\s))"
        if token in ("...", ".."):
            more = (GAP if token == "..." else SHORT_GAP) - 1
            comma = "" if self.capitals else ",،"
            return rf"{self._no_that}[^{_BREAK}{comma}]+(?:\s+{self._no_that}[^{_BREAK}{comma}]+){{0,{more}}}?"
        if token[0] in "[(":
            return "(?:" + "|".join(self._phrase(part, used) for part in token[1:-1].split("|")) + ")"
        return self._phrase(token, used)

    def _phrase(self, phrase: str, used: set[str]) -> str:
        return r"\s+".join(self._word(word, used) for word in phrase.split())

    def _word(self, word: str, used: set[str]) -> str:
        slot = _SLOT.fullmatch(word)
        if not slot:
            return (
                self._token(word, used)
                if word == "..."
                else rf"(?<!\w){self._prefix()}(?i:{re.escape(folded(word))})(?!\w)"
            )
        name = slot[1]
        if name == "platform":
            inner = f"{_OPEN}{self._platform}{_CLOSE}"
        elif name == "who":
            comma = ",،" if "platform" in used else ""
            word_of = rf"{self._no_that}[^{_BREAK}{MASK}{comma}]+"
            inner = rf"{word_of}(?:\s+{word_of}){{0,{WHO - 1}}}?"
        elif name in self._slots:
            inner = f"(?i:{self._slots[name]})"
        else:
            raise ConfigError(
                f"cues/{self.language}.toml: unknown {{{name}}}; known: platform, who, {', '.join(self._slots)}"
            )
        group = "verb" if name == "wrote" else name
        if group in ("platform", "who", "verb", "tweet", "move") and group not in used:
            used.add(group)
            return f"(?P<{group}>{inner})"
        return f"(?:{inner})"


def _squeezed(name: str) -> str:
    return re.sub(r"[\s-]", "", folded(name)).lower()


def _spaced(name: str) -> str:
    return r"[\s-]?".join(re.escape(part) for part in name.split(" "))


def _words(words: list[str], prefix: str) -> str:
    ordered = [re.escape(word) for word in sorted({folded(word) for word in words}, key=len, reverse=True)]
    spaced = "|".join(ordered).replace("\\ ", r"\s+")
    return rf"(?<!\w){prefix}(?:{spaced})(?!\w)" if ordered else r"(?!)"


def _or_none(words: list[str], prefix: str) -> re.Pattern[str] | None:
    return re.compile(_words(words, prefix), re.IGNORECASE) if words else None


def read_cues(path: Path) -> Cues:
    """The cues of one file. Raises `ConfigError` that names the file and the key."""
    written = decode(CueFile, load_toml(path), path.name)
    try:
        return Cues(written)
    except re.error as error:
        raise ConfigError(f"{path}: a frame cannot be compiled: {error}") from None


@lru_cache(maxsize=32)
def cues_of(language: str) -> Cues:
    """The shipped cues of a language that has a file."""
    return read_cues(FOLDER / f"{language}.toml")


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that have a cue file."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def all_words(name: str) -> list[str]:
    """A word list of every language that has it, as written."""
    return [word for code in languages() for word in load_toml(FOLDER / f"{code}.toml")["words"].get(name, [])]


def languages_for(language: str | None, sample: str) -> tuple[str, ...]:
    """The cue files to try: the article's own language, or, without one we know, all of its script."""
    written = _by_letters(sample[:2_000])
    if language:
        code = language.lower().replace("_", "-")
        code = _ALIASES.get(code, code.split("-")[0])
        code = _ALIASES.get(code, code)
        if written in ("ps", "ur") or (written and code not in _ARABIC_SCRIPT):
            return (written,)  # the page's label is wrong: these letters are no other language's
        return (code,) if code in languages() else ()
    if written:
        return (written,)
    arabic = len(re.findall(r"[\u0600-\u06ff]", sample[:2_000]))
    cyrillic = len(re.findall(r"[\u0400-\u04ff]", sample[:2_000]))
    latin = len(re.findall(r"[A-Za-z]", sample[:2_000]))
    scripts = {"ar": arabic, "fa": arabic, "ps": arabic, "ur": arabic, "ru": cyrillic, "uk": cyrillic}
    best = max(arabic, cyrillic, latin)
    return tuple(code for code in languages() if best and scripts.get(code, latin) == best)


_ARABIC_SCRIPT = frozenset({"ar", "fa", "ps", "ur", "ckb", "ku", "ug", "sd", "az"})
_OWN_LETTERS = (
    ("ps", re.compile("[ښځڅړډټګېۍ]")),
    ("ur", re.compile("[ٹڈڑےںہھ]")),
    ("fa", re.compile("[پچژگکی]")),
    ("ar", re.compile("[ةيىكأإ]")),
)


def _by_letters(text: str) -> str | None:
    """The language of Arabic script whose own letters are frequent: Pashto's and Urdu's are nobody else's."""
    arabic = len(re.findall(r"[\u0600-\u06ff]", text))
    if arabic < 20 or arabic < len(text) // 3:
        return None
    return next((code for code, letters in _OWN_LETTERS if len(letters.findall(text)) >= arabic * 0.02), None)
