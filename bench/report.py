"""From the numbers of all rounds to medians, targets and tables."""

import datetime
import os
import platform
import statistics

TARGET_FIELDS = ("what", "wanted", "measured", "reached", "unit")
NOT_KEPT = "rate not kept"
BUSY_PERCENT = 2  # of its time that the generator may wait for its core before the numbers are called noisy


def median(rounds, *path):
    """Over the rounds; None where the workload was not run."""
    values = []
    for result in rounds or ():
        for key in path:
            result = result.get(key) if result else None
        if result is not None:
            values.append(result)
    return statistics.median(values) if values else None


class Results:
    """rounds[workload][server] is a list of what the generator printed; single values are in facts[name][server]."""

    def __init__(self):
        self.rounds, self.facts = {}, {}

    def add(self, workload, server, result):
        if result is not None:
            self.rounds.setdefault(workload, {}).setdefault(server, []).append(result)

    def note(self, fact, server, value):
        self.facts.setdefault(fact, {})[server] = value

    def get(self, workload, server, *path):
        return median(self.rounds.get(workload, {}).get(server), *path)

    def fact(self, name, server):
        return self.facts.get(name, {}).get(server)


def divide(a, b):
    return a / b if a is not None and b else None


def at_most(what, limit, value, unit="x"):
    """A row of the targets, TARGET_FIELDS. value: None where it was not measured, NOT_KEPT where it says nothing."""
    return what, "<= %g%s" % (limit, unit), value, value not in (None, NOT_KEPT) and value <= limit, unit


def at_least(what, limit, value, unit="x"):
    return what, ">= %g%s" % (limit, unit), value, value not in (None, NOT_KEPT) and value >= limit, unit


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return "{:,.0f}".format(value)
    return "%.3g" % value if abs(value) < 100 else "%.0f" % value


def row(title, values):
    return "| %s | %s |" % (title, " | ".join(values))


class Table:
    """Of numbers: a line for each thing that was measured, a column for each of columns, {name: title}."""

    def __init__(self, results, columns):
        self.results, self.columns = results, list(columns)
        self.lines = [row("", columns.values()), "|---" + "|--:" * len(columns) + "|"]

    def add(self, title, workload, *path, scale=1):
        """From the rounds."""
        self._line(title, [value and value * scale
                           for value in (self.results.get(workload, name, *path) for name in self.columns)])

    def add_fact(self, title, fact):
        self._line(title, [self.results.fact(fact, name) for name in self.columns])

    def _line(self, title, values):
        if any(value is not None for value in values):
            self.lines.append(row(title, [number(value) for value in values]))


def targets_table(rows):
    lines = [row("target", ("wanted", "measured", "")), "|---|--:|--:|---|"]
    for what, wanted, measured, reached, unit in rows:
        words = "-" if measured is None else measured if measured == NOT_KEPT else number(measured) + unit
        verdict = "not measured" if measured is None else "reached" if reached else "**not reached**"
        lines.append(row(what, (wanted, words, verdict)))
    return lines


def machine():
    with open("/proc/cpuinfo") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load_before": os.getloadavg()[0],
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")}


BUSY = ("**The machine was busy with other things: the generator waited for its core %.0f %% of the time. Only CPU "
        "times mean something here.**")


def markdown(words, about, numbers, rows):
    """words: what was done, on what; numbers: lines of tables."""
    paragraphs = [words]
    if about["waited"] > BUSY_PERCENT:
        paragraphs += ["", BUSY % about["waited"]]
    return "\n".join([*paragraphs, "", *numbers, "", *targets_table(rows)])
