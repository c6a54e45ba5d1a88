"""The migrations: bring a database to the tables that this version needs, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine


def migrate(engine: Engine, folder: Path) -> None:
    """Run the migrations of `folder` that `engine`'s database has not seen; safe to run again.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database refused.
    """
    config = Config()
    config.set_main_option("script_location", str(folder))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
