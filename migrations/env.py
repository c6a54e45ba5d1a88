"""Alembic's environment: runs the migrations on the connection that knowledge/migrations.py hands over."""

from alembic import context

connection = context.config.attributes["connection"]
# Batch mode rebuilds a table where SQLite cannot alter it.
context.configure(connection=connection, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
