"""Everything this project raises on purpose.

Belongs here: the exception tree, and nothing else. A refusal that is part of normal work (a page that is no article) is not
an error but a `Reason` (see `archiver.reasons`).

    ArchiverError                 what a caller can catch; `str()` is a sentence for people
    ├── ConfigError               archiver.toml, a source file or an environment variable is wrong
    ├── UsageError                the command line asks for something impossible
    ├── WarcError                 a WARC is damaged or a record cannot be read; carries file and offset
    ├── RecordingError            an exchange could not be written; the run must stop
    ├── StoreError                the store refused to read or write
    │   └── KeyExists             other bytes stand under a key that may be written once
    ├── SuppressedError           a tombstone or the opt-out list covers what was asked for
    ├── StampError                no time stamp was given for a package, or it does not hold
    ├── BrowserError              Chromium does not start, does not answer, or has ended
    ├── PrivateAddressError       a page led to a private, loopback or link-local address
    └── Refused                   a page gives no document; carries its Reason

Every message names the thing, the place and the next move.
"""

from __future__ import annotations

from archiver.reasons import Reason


class ArchiverError(Exception):
    """Base of all errors raised on purpose by this project."""


class ConfigError(ArchiverError):
    """A configuration or source file is wrong. `problems` holds one sentence each."""

    def __init__(self, problems: str | list[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class UsageError(ArchiverError):
    """The command line asks for something impossible."""


class WarcError(ArchiverError):
    """A WARC is damaged: `file`, `offset` (bytes from the start of the file) and the checker's `rule` say where and what."""

    def __init__(self, file: str, offset: int, rule: str, sentence: str) -> None:
        self.file, self.offset, self.rule, self.sentence = file, offset, rule, sentence
        super().__init__(f"{file}:{offset}: {rule}: {sentence}")


class RecordingError(ArchiverError):
    """An exchange could not be written (disk full, folder gone). Nothing after it may be acknowledged; the run stops."""


class StoreError(ArchiverError):
    """The store refused to read or write; the message names the key. `temporary`: the store as a whole was away or busy, so that
    asking again later, for this key or another, may go well without anybody's help."""

    def __init__(self, sentence: str, *, temporary: bool = False) -> None:
        self.temporary = temporary
        super().__init__(sentence)


class KeyExists(StoreError):
    """Other bytes stand under a key that may be written once, or another hand was first; nothing was overwritten."""


class SuppressedError(ArchiverError):
    """What was asked for was taken down; the message says when and why."""


class PrivateAddressError(ArchiverError):
    """A page, a redirect or a federated host led to an address that `[network] allow` does not name."""


class StampError(ArchiverError):
    """No time stamp was given for a package, or it does not hold."""


class BrowserError(ArchiverError):
    """Chromium does not start, does not answer in time, or ended while it was needed."""


class Refused(ArchiverError):
    """A capture gives no document; `reason` is counted in the run report and `detail` says what was seen."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
