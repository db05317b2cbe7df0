"""How far something is that is done in one transaction, for those who wait for it.

What a transaction writes nobody else sees before it ends. So the numbers stand in the name of its
database session (``application_name``), which every other session sees at once: they are gone with
the transaction, and with a process that was killed.
"""

from dataclasses import dataclass

from django.db import connection, transaction


@dataclass(frozen=True)
class Progress:
    done: int
    total: int

    @property
    def percent(self) -> int:
        return 100 * self.done // max(self.total, 1)


def tell(key: str, done: int, total: int) -> None:
    """``key``: at most 40 letters, of which there is one transaction at a time."""
    assert transaction.get_connection().in_atomic_block, "What is told ends with a transaction."
    with connection.cursor() as cursor:
        # The third argument: as SET LOCAL, until the transaction ends.
        cursor.execute("SELECT set_config('application_name', %s, true)", [f"{key} {done}/{total}"])


def told(key: str) -> Progress | None:
    """How far it is; None: no transaction has it in hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity "
            "WHERE datname = current_database() AND starts_with(application_name, %s)",
            [f"{key} "],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    done, _slash, total = row[0].rpartition(" ")[2].partition("/")
    return Progress(int(done), int(total))
