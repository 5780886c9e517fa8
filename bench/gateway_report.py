"""What bench/gateway is to reach, and its tables."""

from gateway_servers import SIZES
from report import Table, at_least, at_most, divide

SCHEMES = ("http", "https")
COUNTS = (16, 256, 1000)  # connections
COLUMNS = {"apim": "apim, keys validated", "nginx": "nginx", "haproxy": "HAProxy", "nginx-auth": "nginx, auth_request"}
ABOUT = ("%(date)s, %(cores)s cores of %(cpu)s, Linux %(kernel)s; each proxy with one worker on one core, wrk and the backend on another; "
         "%(rounds)d round(s) of %(seconds)g s, medians; %(tokens)d tokens in turns, each known; load average before: %(load_before).1f.")


def workload(scheme, size, count):
    return "%s-%s-%d" % (scheme, size.replace(" ", ""), count)


def half_load(scheme):
    return "%s-half-load" % scheme


def workloads():
    for scheme in SCHEMES:
        for size in SIZES:
            for count in COUNTS:
                yield "%s, %s, %d connections" % (scheme.upper(), size, count), workload(scheme, size, count)


def targets(results):
    """Rows as report.at_most() makes them; measured is None where it was not."""
    rows = []
    for words, name in workloads():
        ours = results.get(name, "apim", "per_second")
        rows += [at_least(words + ": requests/s against nginx", 1.2, divide(ours, results.get(name, "nginx", "per_second"))),
                 at_least(words + ": against nginx with auth_request", 4, divide(ours, results.get(name, "nginx-auth", "per_second")))]
    for scheme in SCHEMES:
        ours, alone = (results.get(half_load(scheme), name, "latency_us", "p99") for name in ("apim", "backend"))
        rows.append(at_most(scheme.upper() + ", 100 B, half load: p99 above the backend's alone", 1000,
                            ours - alone if None not in (ours, alone) else None, " us"))
    return rows


def half_load_table(results):
    table = Table(results, {**COLUMNS, "backend": "the backend alone"})
    for scheme in SCHEMES:
        table.add(scheme.upper() + ", 100 B, half load: requests/s", half_load(scheme), "per_second")
        for name in ("p50", "p99"):
            table.add(name + ", us", half_load(scheme), "latency_us", name)
    return table.lines


def numbers_table(results):
    table = Table(results, COLUMNS)
    for words, name in workloads():
        table.add(words + ": requests/s", name, "per_second")
        table.add("CPU us per request", name, "cpu_us")
        table.add("p99, us", name, "latency_us", "p99")
    table.add_fact("resident at its highest, MB", "memory_peak")
    return table.lines


def idle_targets(results, connections):
    ours, other = results.fact("idle", "apim"), results.fact("idle", "nginx")
    return [at_most("resident with %d idle TLS connections, against nginx" % connections, 1.2, divide(ours, other))]


def idle_table(results, columns, connections):
    table = Table(results, columns)
    table.add_fact("resident before, MB", "before")
    table.add_fact("with %d idle TLS connections, MB" % connections, "idle")
    for name in columns:
        results.note("each", name, (results.fact("idle", name) - results.fact("before", name)) * 1000 / connections)
    table.add_fact("for each, KB", "each")
    return table.lines
