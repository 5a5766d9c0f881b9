"""Alembic's entry: the tables are SQLModel's; the connection comes from the caller, else from our settings."""

from alembic import context
from sqlmodel import SQLModel

import trova_app.models  # noqa: F401  (fills the metadata)

target_metadata = SQLModel.metadata


def run(connection) -> None:
    context.configure(connection=connection, target_metadata=target_metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    from trova_app.wiring import engine

    with engine().connect() as connection:
        run(connection)
        connection.commit()
