"""Strict reading of TOML: unknown keys and wrong values become sentences that name the file, the place and the next move.

Belongs here: what `config` and `sources` share. The shapes themselves are theirs.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ValidationError

from archiver.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB|GB|KiB|MiB|GiB)")
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def seconds(value: object) -> float:
    """A duration with its unit ("2s", "30m", "1.5h") in seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'{value!r} is no duration; write a number with a unit, such as "2s", "30m" or "1d"')
    return float(match[1]) * _SECONDS[match[2]]


def size(value: object) -> int:
    """A size with its unit ("1GB", "512KiB") in bytes."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f'{value!r} is no size; write a number with a unit, such as "1GB" or "512KiB"')
    return int(float(match[1]) * _BYTES[match[2]])


Seconds = Annotated[float, BeforeValidator(seconds)]
Bytes = Annotated[int, BeforeValidator(size)]


def load_toml(path: Path) -> dict[str, Any]:
    """The file as a dict; `ConfigError` when it is missing, not UTF-8 or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder, not a TOML file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:  # tomllib also lets through what int() and the stack refuse
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def decode(model: type[Model], raw: dict[str, Any], where: str) -> Model:
    """`raw` as `model`; every problem in one `ConfigError`, each as `WHERE: key.path: what is wrong; what to do`."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise refused(model, error, where) from None


def refused(model: type[BaseModel], error: ValidationError, where: str) -> ConfigError:
    """What `model` refused, as sentences."""
    return ConfigError([f"{where}: {_place(item['loc'])}: {_sentence(model, item)}" for item in error.errors()])


def _place(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


def _sentence(model: type[BaseModel], item: Any) -> str:
    kind, given = item["type"], item.get("input")
    if kind == "extra_forbidden":
        key = str(item["loc"][-1])
        return f'unknown key "{key}"' + _nearest(key, _keys_at(model, item["loc"][:-1]))
    if kind == "missing":
        return "is required and missing"
    if kind in ("model_type", "model_attributes_type"):
        return f"must be a table, such as [{_place(item['loc'])}]; got {given!r}"
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(item["ctx"].get("expected", "")))
        return f'unknown "{given}"' + _nearest(str(given), known)
    message = str(item["msg"]).removeprefix("Value error, ")
    return message if kind == "value_error" else f"{message} (got {given!r})"


_ALIASES = {
    "rss": "feed",
    "atom": "feed",
    "json-feed": "feed",
    "section": "listing",
    "page": "listing",
    "robots.txt": "robots",
}


def _nearest(word: str, known: list[str]) -> str:
    spellings = {**{alias: name for alias, name in _ALIASES.items() if name in known}, **{name: name for name in known}}
    close = difflib.get_close_matches(word, list(spellings), n=1, cutoff=0.5)
    if close:
        return f'; did you mean "{spellings[close[0]]}"?'
    return f"; known here: {', '.join(sorted(known))}" if known else ""


def _keys_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    current: Any = model
    for part in location:
        if isinstance(part, int):
            continue
        current = _model_in(current.model_fields[part].annotation)
        if current is None:
            return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is not None:
        return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
    return None
