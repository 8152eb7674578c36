"""`archiver takedown …`: hiding, showing again, erasing."""

from __future__ import annotations

from typing import Annotated

import typer

from archiver.cli.app.groups import AsJson, takedown_app
from archiver.cli.common import ConfigOption, StoreOption, configure, edge

Reason = Annotated[str, typer.Option("--reason", help="Why: it is stored, and shown to who asks.")]
By = Annotated[str, typer.Option("--by", help="Who decided.")]


@takedown_app.command("hide")
@edge
def takedown_hide(
    scope: Annotated[str, typer.Argument(metavar="SCOPE", help="article, post, url, host or run.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="URL, document id, host name or run id.")],
    reason: Reason,
    by: By,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """Hide an article, a post, a URL, a host or a run from readers, exports and replay. Prints the tombstones it made.

    Example: archiver takedown hide url https://www.example.com/1 --reason "court order 12/2026" --by "legal desk"
    """
    from archiver.cli.takedown import hide

    return hide(configure(config, store), scope, target, reason=reason, by=by, as_json=as_json)


@takedown_app.command("list")
@edge
def takedown_list(store: StoreOption = None, config: ConfigOption = None, as_json: AsJson = False) -> int:
    """List the tombstones in force.

    Example: archiver takedown list --store ./archive
    """
    from archiver.cli.takedown import show_list

    return show_list(configure(config, store), as_json=as_json)


@takedown_app.command("lift")
@edge
def takedown_lift(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tombstones, as `takedown list` shows them.")],
    reason: Reason,
    by: By,
    store: StoreOption = None,
    config: ConfigOption = None,
    as_json: AsJson = False,
) -> int:
    """Show again what tombstones hide; both stay on record.

    Example: archiver takedown lift urn:uuid:… --reason "order withdrawn" --by "legal desk"
    """
    from archiver.cli.takedown import lift_tombstones

    return lift_tombstones(configure(config, store), ids, reason=reason, by=by, as_json=as_json)


@takedown_app.command("erase")
@edge
def takedown_erase(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Tombstones, as `takedown list` shows them.")],
    with_copies: Annotated[
        bool,
        typer.Option("--with-copies", help="Also captures that nobody hid and that are the same bytes (revisits)."),
    ] = False,
    store: StoreOption = None,
    config: ConfigOption = None,
) -> int:
    """Take what tombstones cover out of the files for good: WARCs, indexes, documents and manifests are issued again.

    Example: archiver takedown erase urn:uuid:… --store ./archive
    """
    from archiver.cli.takedown import erase_covered

    return erase_covered(configure(config, store), ids, with_copies=with_copies)


@takedown_app.command("finish")
@edge
def takedown_finish(store: StoreOption = None, config: ConfigOption = None) -> int:
    """Finish erasures that were cut short.

    Example: archiver takedown finish --store ./archive
    """
    from archiver.cli.takedown import finish

    return finish(configure(config, store))
