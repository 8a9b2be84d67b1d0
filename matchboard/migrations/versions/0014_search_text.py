"""A folded form of names and titles that every search asks; surnames read as surnames are.

The texts themselves stay as they are. The column is filled by the rules of today; should they
change, a later migration fills it again.
"""

import sqlalchemy as sa
from alembic import op

from matchboard.domain.identity import name_pinyin, other_readings
from matchboard.domain.text import search_text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LENGTH = 300
#: Table → columns it is searched by. A course is searched by its description, too, however long.
TABLES = {
    "client": ["name"],
    "partner": ["name", "name_en"],
    "unit": ["name", "name_en"],
    "account": ["display_name"],
    "vacancy": ["title", "external_employer"],
    "course": ["title", "title_en", "description"],
    "placement": ["description"],
}
INDEXED = ("client", "partner")
BOARD = "ix_vacancy_board"
BOARD_COLUMNS = [
    "state",
    "visibility",
    "open_on",
    "id",
    "close_on",
    "partner_id",
    "wage_top_cny_month",
    "employment_type",
    "lodging_provided",
    "occupation_code",
    "division_code",
    "lat",
    "lon",
]
CHUNK = 1000


def upgrade() -> None:
    for table, columns in TABLES.items():
        kind = sa.Text() if table == "course" else sa.String(length=LENGTH)
        op.add_column(
            table, sa.Column("search_text", kind, nullable=False, server_default=sa.text("''"))
        )
        _fill(table, columns)
        if table in INDEXED:
            op.create_index(op.f(f"ix_{table}_search_text"), table, ["search_text"])
    _read_surnames()
    op.drop_index(BOARD, table_name="vacancy")
    op.create_index(BOARD, "vacancy", [*BOARD_COLUMNS, "search_text"])


def downgrade() -> None:
    op.drop_index(BOARD, table_name="vacancy")
    op.create_index(BOARD, "vacancy", [*BOARD_COLUMNS, "title"])
    for table in TABLES:
        if table in INDEXED:
            op.drop_index(op.f(f"ix_{table}_search_text"), table_name=table)
        op.drop_column(table, "search_text")


def _fill(name, columns):
    table = sa.table(name, sa.column("id"), sa.column("search_text"), *map(sa.column, columns))
    for rows in _chunks(table, columns):
        values = []
        for row in rows:
            parts = list(row[1:])
            if name == "client":
                parts += other_readings(row.name)
            text = search_text(*parts)
            if text:
                values.append({"row": row.id, "found": text if name == "course" else text[:LENGTH]})
        _write(table, {"search_text": sa.bindparam("found")}, values)


def _read_surnames():
    """Write the reading anew of people whose surname is read otherwise than it was taken to be."""
    columns = ["name", "name_pinyin", "name_initials"]
    table = sa.table("client", sa.column("id"), *map(sa.column, columns))
    for rows in _chunks(table, columns):
        values = []
        for row in rows:
            read = name_pinyin(row.name)
            full, initials = " ".join(read.syllables)[:160], read.initials[:24]
            if (full, initials) != (row.name_pinyin, row.name_initials):
                values.append({"row": row.id, "full": full, "initials": initials})
        written = {"name_pinyin": sa.bindparam("full"), "name_initials": sa.bindparam("initials")}
        _write(table, written, values)


def _chunks(table, columns):
    connection = op.get_bind()
    last = 0
    while True:
        query = sa.select(table.c.id, *(table.c[name] for name in columns))
        query = query.where(table.c.id > last).order_by(table.c.id).limit(CHUNK)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _write(table, written, values):
    if values:
        op.get_bind().execute(
            sa.update(table).where(table.c.id == sa.bindparam("row")).values(written), values
        )
