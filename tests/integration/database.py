"""Writing rows into a node's databases behind its back, as a Store or an administrator of WSO2's would."""

import sqlite3


class SqliteDatabase:
    def __init__(self, path):
        self.path = path

    def time(self, seconds):
        """A TIMESTAMP value as the SQLite schema stores it: milliseconds since 1970."""
        return int(seconds * 1000)

    def insert(self, table, rows):
        for row in rows:
            self.execute("INSERT INTO %s (%s) VALUES (%s)" % (table, ", ".join(row), ", ".join("?" * len(row))),
                         list(row.values()))

    def execute(self, sql, values=()):
        with sqlite3.connect(self.path, timeout=10) as connection:
            connection.execute(sql, values)
        connection.close()

    def tables(self):
        connection = sqlite3.connect(self.path)
        names = [name for name, in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        connection.close()
        return sorted(names)


class _Raw(str):
    """SQL that stands for itself."""


class MariadbDatabase:
    def __init__(self, server, name):
        self.server, self.name = server, name

    def time(self, seconds):
        return _Raw("FROM_UNIXTIME(%d)" % seconds)

    def insert(self, table, rows):
        self.run("".join("INSERT INTO %s (%s) VALUES (%s);\n" % (
            table, ", ".join(row), ", ".join(self._literal(value) for value in row.values())) for row in rows))

    def execute(self, sql, values=()):
        pieces = sql.split("?")
        self.run("".join(piece + self._literal(value) for piece, value in zip(pieces, values)) + pieces[-1])

    def run(self, sql):
        return self.server.run(sql, self.name)

    def tables(self):
        return sorted(self.run("SHOW TABLES").split())

    @staticmethod
    def _literal(value):
        if value is None:
            return "NULL"
        if isinstance(value, (_Raw, int)):
            return str(value)
        return "'%s'" % value.replace("\\", "\\\\").replace("'", "''")
