"""Writing rows into a node's databases behind its back, as a Store or an administrator of WSO2's would."""

import contextlib
import sqlite3


class SqliteDatabase:
    def __init__(self, path):
        self.path = path
        self._together = None

    @contextlib.contextmanager
    def together(self):
        """What is written meanwhile, by one thread, is one transaction: opening, syncing and closing take longer than the rows."""
        if self._together is not None:
            yield
            return
        with self._transaction() as self._together:
            try:
                yield
            finally:
                self._together = None

    @contextlib.contextmanager
    def _transaction(self):
        """Nobody cuts the power of a test: nothing waits for the disk."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=120)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                yield connection

    def time(self, seconds):
        """A TIMESTAMP value as the SQLite schema stores it: milliseconds since 1970."""
        return int(seconds * 1000)

    def insert(self, table, rows):
        with self.together():
            for row in rows:
                self.execute(self._insertion(table, row), list(row.values()))

    def insert_all(self, rows):
        """Rows as (table, row), in one transaction; they may refer to rows that are not there."""
        with self._transaction() as connection:
            for table, row in rows:
                connection.execute(self._insertion(table, row), list(row.values()))

    def execute(self, sql, values=()):
        if self._together is not None:
            self._together.execute(sql, values)
            return
        with self._transaction() as connection:
            connection.execute(sql, values)

    def columns(self):
        """The names of the columns by table."""
        connection = sqlite3.connect(self.path)
        names = connection.execute("SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c"
                                   " WHERE t.type = 'table'").fetchall()
        connection.close()
        return _by_table(names)

    @staticmethod
    def _insertion(table, row):
        return "INSERT INTO %s (%s) VALUES (%s)" % (table, ", ".join(row), ", ".join("?" * len(row)))

    def holds_any_letter(self):
        return True

    def tables(self):
        connection = sqlite3.connect(self.path)
        names = [name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.close()
        return sorted(names)


def _by_table(names):
    columns = {}
    for table, column in names:
        columns.setdefault(table.upper(), set()).add(column.upper())
    return columns


class _Raw(str):
    """SQL that stands for itself."""


class MariadbDatabase:
    def __init__(self, server, name):
        self.server, self.name = server, name
        self._together = None

    @contextlib.contextmanager
    def together(self):
        """What is written meanwhile, by one thread, is sent at once: starting a client takes longer than the rows."""
        if self._together is not None:
            yield
            return
        self._together = []
        try:
            yield
        finally:
            written, self._together = "".join(self._together), None
        self.run(written)

    def _write(self, sql):
        if self._together is not None:
            self._together.append(sql)
        else:
            self.run(sql)

    def time(self, seconds):
        """0 is the zero date that WSO2's columns have as a default."""
        return _Raw("FROM_UNIXTIME(%d)" % seconds if seconds else "'0000-00-00 00:00:00'")

    def insert(self, table, rows):
        self._write("".join(self._insertion(table, row) for row in rows))

    def insert_all(self, rows):
        """Rows as (table, row); they may refer to rows that are not there."""
        self.run("SET FOREIGN_KEY_CHECKS = 0;\n" + "".join(self._insertion(table, row) for table, row in rows))

    def _insertion(self, table, row):
        return "INSERT INTO %s (%s) VALUES (%s);\n" % (
            table, ", ".join(row), ", ".join(self._literal(value) for value in row.values()))

    def execute(self, sql, values=()):
        pieces = sql.split("?")
        self._write("".join(piece + self._literal(value) for piece, value in zip(pieces, values)) + pieces[-1] + ";\n")

    def run(self, sql):
        return self.server.run(sql, self.name)

    def holds_any_letter(self):
        """Also those of four bytes in UTF-8."""
        return "utf8mb4" in self.run("SELECT @@character_set_database")

    def tables(self):
        return sorted(self.run("SHOW TABLES").split())

    def columns(self):
        """The names of the columns by table."""
        names = self.run("SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS"
                         " WHERE TABLE_SCHEMA = DATABASE()")
        return _by_table(line.split("\t") for line in names.splitlines())

    @staticmethod
    def _literal(value):
        if value is None:
            return "NULL"
        if isinstance(value, (_Raw, int)):
            return str(value)
        return "'%s'" % value.replace("\\", "\\\\").replace("'", "''")
