"""What a process opens once and hands to whoever needs it: pages, routes, the command line, workers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from app.settings import Settings
from db.engine import Database

if TYPE_CHECKING:
    from app.media.store import Store


@dataclass(frozen=True)
class Services:
    """Settings, database and media store of one home folder. `boot` tells this process's life from the next one's."""

    settings: Settings
    database: Database
    store: Store
    boot: str

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Makes the home folder where it is missing, brings the database to the newest revision, seeds the scheme.

        Raises `db.migrate.DatabaseTooNew` where a newer program wrote the database.
        """
        from app.media.store import Store
        from app.scheme.store import seed
        from db.migrate import upgrade

        settings.home.mkdir(parents=True, exist_ok=True)
        database = Database(settings.url)
        upgrade(database.engine)
        with database.writing() as session:
            seed(session)
        return cls(settings, database, Store(settings.media), secrets.token_hex(8))

    def close(self) -> None:
        self.database.close()
