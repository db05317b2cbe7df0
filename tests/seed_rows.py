"""The rows that migrations made, put back by COPY after a test that emptied the tables.

Django keeps them as JSON and saves each through its model: half a second and more, in each of
some four hundred tests; COPY takes a few hundredths.
"""

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

#: Tables that ``flush`` empties, each with the columns that can be written.
_TABLES = """
    SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname = ANY(%s)
    GROUP BY c.relname
"""


class SeedRows:
    """What the tables hold before the first test, as PostgreSQL writes it."""

    def __init__(self) -> None:
        self._copies: list[tuple[sql.Composed, bytes]] = []
        emptied = connection.introspection.django_table_names(only_existing=True)
        with connection.cursor() as cursor:
            cursor.execute(_TABLES, [emptied])
            for table, columns in cursor.fetchall():
                names = sql.SQL(", ").join(map(sql.Identifier, columns))
                place = sql.SQL("{} ({})").format(sql.Identifier(table), names)
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(place)) as copy:
                    if rows := b"".join(copy):
                        self._copies.append((place, rows))

    def put_back(self, database: BaseDatabaseWrapper) -> None:
        """Fills the emptied tables; where they are as they were, there is nothing to do.

        All in one transaction: foreign keys are checked at its end, so any order will do.
        """
        with transaction.atomic(using=database.alias), database.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM django_content_type)")
            if cursor.fetchone() == (True,):
                return
            for place, rows in self._copies:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(place)) as copy:
                    copy.write(rows)
