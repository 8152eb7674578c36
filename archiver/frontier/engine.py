"""Opening the frontier's database, and errors of databases as sentences.

Belongs here: which databases there can be and how they are set up. Tables are in `tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from archiver.errors import ArchiverError, ConfigError

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",  # a commit is safe from a kill; `Frontier.settle` makes it safe from a power cut
    "wal_autocheckpoint=16384",
    "busy_timeout=30000",
    "cache_size=-262144",
    "mmap_size=2147418112",  # what SQLite is built to take at most; ten million URLs fit
    "temp_store=MEMORY",
)


def open_engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in ("sqlite", "postgresql"):
            raise ConfigError(f'frontier.url: "{shown(url)}" is neither sqlite:///FILE nor postgresql://…')
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigError(f'frontier.url: "{shown(url)}" is no database address: {error}') from error
    except ModuleNotFoundError as error:
        raise ConfigError(f"frontier.url: {error}; install news-archiver[postgres]") from error
    except OSError as error:
        raise ArchiverError(f"{url}: {error.strerror}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def shown(url: str) -> str:
    """A database address without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip()
