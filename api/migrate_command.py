"""``wenzheng migrate``: a library from its folder to the servers, and back."""

from __future__ import annotations

import argparse
import sys

from prompts import messages
from qa.errors import LibraryError, SettingsError
from qa.settings import PREFIX, Settings


def _migrate(arguments: argparse.Namespace, settings: Settings) -> int:
    from api.assembly import server_of, vector_maker_of
    from api.cli import language
    from api.progress import ProgressBars
    from qa.library import storage

    server = server_of(settings)
    if server is None:
        reason = "is not set; it names the database to migrate to or from"
        raise SettingsError("wrong_setting", name=f"{PREFIX}DATABASE_URL", reason=reason)
    from qa.library.server.copying import put_in, take_out
    from qa.library.server.library import ServerLibrary

    with ProgressBars(language()) as progress:
        vectors = vector_maker_of(settings, lambda done, total: progress("unpack", done, total))
        if arguments.to == "server":
            storage.require_vouched(settings.library)
            put_in(settings.library, server, vectors, progress, replace=arguments.replace)
        elif storage.has_library(settings.library):
            raise LibraryError("folder_not_empty", path=settings.library)
        else:
            library = ServerLibrary(server)
            take_out(library, settings.library, vectors, progress)
            library.close()
    said = messages("care", language())[f"migrated_to_{arguments.to}"]
    print(said.format(folder=settings.library, server=server), file=sys.stderr)
    return 0


def add_migrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``migrate`` to the command line."""
    migrate = commands.add_parser(
        "migrate", help="copy the library from its folder to PostgreSQL and Milvus, or back"
    )
    migrate.add_argument("to", choices=("server", "folder"), help="where it is copied to")
    migrate.add_argument(
        "--replace", action="store_true", help="put it in the place of what the servers hold"
    )
    migrate.set_defaults(run=_migrate)
