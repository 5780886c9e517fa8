"""What the disk can do, for comparison with what is stored durably on it."""

import os
import sqlite3
import time

ROW = "x" * 400  # about what one token's row takes
BLOCK = b"x" * 4096


def _rate(step, seconds):
    """How often step() is done per second."""
    begin = time.monotonic()
    done, now = 0, begin
    while now < begin + seconds:
        step()
        done += 1
        now = time.monotonic()
    return round(done / (now - begin), 1)


def commits_per_second(folder, seconds):
    """Transactions of one row, each durable before the next begins, as SQLite is set up for the node."""
    path = os.path.join(folder, "commits.sqlite")
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT)")
        return _rate(lambda: connection.execute("INSERT INTO t (text) VALUES (?)", (ROW,)), seconds)
    finally:
        connection.close()


def syncs_per_second(folder, seconds):
    """The least that a durable write can be."""
    file = os.open(os.path.join(folder, "syncs"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def step():
        os.write(file, BLOCK)
        os.fdatasync(file)
    try:
        return _rate(step, seconds)
    finally:
        os.close(file)


def filesystem(folder):
    """The type of the file system that folder is on."""
    folder, best, kind = os.path.realpath(folder), "", "?"
    with open("/proc/self/mounts") as file:
        for line in file:
            point, found = line.split()[1:3]
            if os.path.commonpath([point, folder]) == point and len(point) >= len(best):
                best, kind = point, found
    return kind
