"""find people in Latin and Cyrillic letters, and on SQLite by an index of trigrams"""

import sqlalchemy as sa
from alembic import op

from webapp.users.identity import search_text

revision = "20261124_1000"
down_revision = "20261124_0906"
branch_labels = None
depends_on = None

# The first lines of `search_text`: name, e-mail address, username.
LINES = 3
BATCH = 5000
INDEX = "users_search_sqlite"
IDS = "users_search_ids_sqlite"
# SQLite can change the rowids of `users`, so the index has its own IDs.
TRIGGERS = {
    "insert": """AFTER INSERT ON users BEGIN
        INSERT INTO users_search_ids_sqlite (user_id) VALUES (new.id);
        INSERT INTO users_search_sqlite (rowid, search_text)
            VALUES ((SELECT entry FROM users_search_ids_sqlite WHERE user_id = new.id), new.search_text);
        END""",
    "update": """AFTER UPDATE OF search_text ON users WHEN old.search_text <> new.search_text BEGIN
        INSERT INTO users_search_sqlite (users_search_sqlite, rowid, search_text)
            VALUES ('delete', (SELECT entry FROM users_search_ids_sqlite WHERE user_id = old.id), old.search_text);
        INSERT INTO users_search_sqlite (rowid, search_text)
            VALUES ((SELECT entry FROM users_search_ids_sqlite WHERE user_id = new.id), new.search_text);
        END""",
    "delete": """AFTER DELETE ON users BEGIN
        INSERT INTO users_search_sqlite (users_search_sqlite, rowid, search_text)
            VALUES ('delete', (SELECT entry FROM users_search_ids_sqlite WHERE user_id = old.id), old.search_text);
        DELETE FROM users_search_ids_sqlite WHERE user_id = old.id;
        END""",
}


def upgrade() -> None:
    _rewrite(lambda lines: search_text(*lines).split("\n"))
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(
            IDS,
            sa.Column("entry", sa.Integer(), primary_key=True),
            sa.Column("user_id", sa.Uuid(), nullable=False, unique=True),
        )
        op.execute(f"CREATE VIRTUAL TABLE {INDEX} USING fts5(search_text, content='', tokenize='trigram')")
        op.execute(f"INSERT INTO {IDS} (user_id) SELECT id FROM users")  # noqa: S608  our own names
        op.execute(
            f"INSERT INTO {INDEX} (rowid, search_text)"  # noqa: S608  our own names
            f" SELECT entry, search_text FROM users JOIN {IDS} ON user_id = users.id"
        )
        for name, body in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER users_search_{name}_sqlite {body}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER users_search_{name}_sqlite")
        for table in (INDEX, IDS):
            op.drop_table(table)
    _rewrite(lambda lines: [*lines[:LINES], *lines[LINES + 1 :]])


def _rewrite(changed) -> None:
    """Compute `search_text` of all people again, in batches by ID."""
    bind = op.get_bind()
    users = sa.table("users", sa.column("id", sa.Uuid()), sa.column("search_text"))
    put = (
        users.update()
        .where(users.c.id == sa.bindparam("key", type_=sa.Uuid()))
        .values(search_text=sa.bindparam("text"))
    )
    batch = sa.select(users.c.id, users.c.search_text).order_by(users.c.id).limit(BATCH)
    rows = bind.execute(batch).all()
    while rows:
        texts = {key: (text, "\n".join(changed(text.split("\n")))) for key, text in rows}
        if values := [{"key": key, "text": after} for key, (before, after) in texts.items() if before != after]:
            bind.execute(put, values)
        rows = bind.execute(batch.where(users.c.id > rows[-1].id)).all()
