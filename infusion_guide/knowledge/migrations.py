"""The migrations: bring a database to the tables that this version needs, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

# Any number, as long as nothing else in the database locks by it.
_LOCK = 5005


def one_at_a_time(connection: Connection) -> None:
    """Wait until no other process migrates or loads; several machines may start at once. SQLite locks by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def migrate(engine: Engine, folder: Path) -> None:
    """Run the migrations of `folder` that `engine`'s database has not seen; safe to run again.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused.
    """
    config = Config()
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        one_at_a_time(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
