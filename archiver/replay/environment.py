"""The environment that pywb lives in: where it is, and what its shipped rules are.

Belongs here: finding `.venv-replay` and asking it. pywb cannot be installed beside Scrapy: it brings a library whose folder hides
the Brotli decoder that the crawler needs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archiver.errors import UsageError

VARIABLE = "ARCHIVER_REPLAY_ENV"
"""Names the environment's folder when it is in none of the usual places."""

FOLDER = ".venv-replay"
MISSING = (
    "replay needs pywb in an environment of its own; `make replay-setup` makes .venv-replay (or name one in " + VARIABLE
)
_SHIPPED_RULES = """
import importlib.util, json, pathlib, yaml
folder = pathlib.Path(importlib.util.find_spec("pywb").origin).parent
print(json.dumps(yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))))
"""


def find_environment(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of the replay environment. Raises `UsageError` with the make target where there is none."""
    if named := environ.get(VARIABLE):
        places = [Path(named)]
    else:
        tree = Path(__file__).resolve().parents[2]
        places = [folder / FOLDER for folder in (Path.cwd(), Path(sys.prefix).parent, tree)]
    for place in places:
        if (place / "bin" / "wayback").is_file():
            return place.absolute()
    raise UsageError(f"{MISSING}); looked in {', '.join(dict.fromkeys(map(str, places)))}")


def shipped_rules(environment: Path) -> dict[str, Any]:
    """The rules file of the installed pywb. Raises `UsageError` when the environment is broken."""
    done = subprocess.run(
        [environment / "bin" / "python", "-c", _SHIPPED_RULES], capture_output=True, text=True, check=False
    )
    try:
        rules = json.loads(done.stdout)
        if done.returncode or not isinstance(rules["rules"], list):
            raise ValueError(done.stderr)
    except (ValueError, LookupError, TypeError) as error:
        raise UsageError(
            f"{environment}: its pywb gives no rules ({str(error).strip()[-200:]}); make it anew: "
            f"rm -r {environment}, then make replay-setup"
        ) from error
    return dict(rules)
