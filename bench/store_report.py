"""The numbers of bench/store as targets and tables."""

import statistics

from report import at_least, at_most, number, row, targets_table

DATABASES = {"mariadb": "MariaDB", "sqlite": "SQLite"}
KEPT = 0.9  # of the bare client's speed
START_MS = 1000


def workload(database, connections):
    return "%s-%d" % (database, connections)


def paired(results, name, *path):
    """The product's value over the bare client's, of runs that followed each other: median over the rounds."""
    ratios = []
    for ours, bare in zip(*(results.rounds.get(name, {}).get(kind, ()) for kind in ("store", "bare"))):
        for key in path:
            ours, bare = ours[key], bare[key]
        ratios.append(ours / bare)
    return statistics.median(ratios) if ratios else None


def title(name):
    database, connections = name.rsplit("-", 1)
    return "%s, %s connection%s" % (DATABASES[database], connections, "" if connections == "1" else "s")


def targets(results):
    rows = [at_least(title(name) + ": validations/s against the bare client", KEPT, paired(results, name, "per_second"))
            for name in results.rounds]
    for database, words in DATABASES.items():
        start_ms = results.fact("start_ms", database)
        if start_ms is not None:
            rows.append(at_most("exec to first right answer, on %s" % words, START_MS, start_ms, " ms"))
    return rows


def numbers_table(results):
    lines = [row("", ("apim", "bare client", "ratio")), "|---|--:|--:|--:|"]
    for name in results.rounds:
        for words, path in (("validations/s", ("per_second",)), ("CPU us of the client", ("cpu_us",)),
                            ("CPU us of the server", ("server_cpu_us",)), ("p50, us", ("latency_us", "p50")),
                            ("p99, us", ("latency_us", "p99"))):
            ours, bare = (results.get(name, kind, *path) for kind in ("store", "bare"))
            if ours is not None:
                first = words == "validations/s"
                lines.append(row("%s: %s" % (title(name), words) if first else words,
                                 (number(ours), number(bare), number(paired(results, name, *path)))))
    return lines


ABOUT = ("%(date)s, %(cores)s cores of %(cpu)s, Linux %(kernel)s; %(rounds)d round(s) of %(seconds)g s each, apim and "
         "bare client in turns; %(tokens)s tokens, %(subscriptions)s subscriptions, %(apis)s APIs%(sizes)s; "
         "load average %(load_before).1f before, %(load_after).1f after.")


def sizes(results):
    words = ["%s: %s GB on disk, filled in %s s" % (DATABASES[name], number(results.fact("size_gb", name)),
                                                  number(results.fact("fill_s", name)))
             for name in DATABASES if results.fact("size_gb", name) is not None]
    return " (%s)" % "; ".join(words) if words else ""


def markdown(results, about, rows):
    return "\n".join([ABOUT % dict(about, sizes=sizes(results)), "", *numbers_table(results), "", *targets_table(rows)])
