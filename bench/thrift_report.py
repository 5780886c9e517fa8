"""What bench/thrift is to reach, and its tables."""

from measure import BESIDE_RATE, NEW_PER_SECOND
from report import NOT_KEPT, Table, at_least, at_most, divide

COLUMNS = {"floor": "floor", "apim": "apim", "apim-mariadb": "apim on MariaDB", "cpp": "C++", "java": "Java"}
RATE_KEPT = 0.97  # of the rate of an open loop; a server that answers less has a queue that grows
ABOUT = ("%(date)s, %(cores)s cores of %(cpu)s, Linux %(kernel)s; servers on one core, the generator on another; "
         "%(rounds)d round(s) of %(seconds)g s, medians; open loop at %(rate)g/s; %(tokens)s tokens, "
         "%(request_bytes)d-byte requests, %(reply_bytes)d-byte replies, %(ciphers)s; load average before: "
         "%(load_before).1f.")


def targets(results, tokens, rate):
    """(what, wanted, measured, reached, unit) of what the Thrift path is to reach; measured is None where it was not,
    and NOT_KEPT where it would say nothing: the latencies of a server that cannot keep the rate only tell how long the
    run was."""
    get, fact = results.get, results.fact

    def ratio(workload, path, other):
        return divide(get(workload, "apim", *path), get(workload, other, *path))

    def p99_ratio(loaded, plain, wanted_rate, server="apim", plain_server=None):
        runs = ((loaded, server), (plain, plain_server or server))
        rates = [get(workload, name, "per_second") for workload, name in runs]
        if None in rates:
            return None
        if min(rates) < RATE_KEPT * wanted_rate:
            return NOT_KEPT
        return divide(*(get(workload, name, "latency_us", "p99") for workload, name in runs))

    beside = p99_ratio("beside", "steady", BESIDE_RATE)
    if beside is not None and get("beside", "apim", "new_per_second") < RATE_KEPT * NEW_PER_SECOND:
        beside = NOT_KEPT
    speed, cpu, p999 = ("per_second",), ("cpu_us",), ("latency_us", "p999")
    return [
        at_most("256 connections: CPU per request against the floor", 1.1, ratio("closed-256", cpu, "floor")),
        at_most("256 connections: CPU per request against Java", 0.55, ratio("closed-256", cpu, "java")),
        at_most("256 connections: CPU per request against C++", 0.7, ratio("closed-256", cpu, "cpp")),
        at_least("256 connections: requests/s against the floor", 0.95, ratio("closed-256", speed, "floor")),
        at_least("256 connections: requests/s against Java", 2, ratio("closed-256", speed, "java")),
        at_most("256 connections: p99.9 against Java", 0.2, ratio("closed-256", p999, "java")),
        at_most("16 connections: CPU per request against Java", 0.7, ratio("closed-16", cpu, "java")),
        at_least("16 connections: requests/s against Java", 1.6, ratio("closed-16", speed, "java")),
        at_most("open loop: p99 against Java", 0.8, p99_ratio("open", "open", rate, plain_server="java")),
        at_least("new full connections (RSA-2048) against Java", 2.5, ratio("connect", speed, "java")),
        at_most("1,000 clients at once: time against Java", 0.35, ratio("burst", ("seconds",), "java")),
        at_most("300 new connections/s: p99 of the others against without", 1.5, beside),
        at_least("every request an SQLite miss: requests/s against Java from memory", 0.8,
                 divide(get("cold", "apim", *speed), get("closed-16", "java", *speed))),
        at_most("10 % misses on SQLite: p99 of hits against without", 1.5, p99_ratio("misses", "open", rate)),
        at_most("10 % misses on MariaDB: p99 of hits against without", 1.5,
                p99_ratio("misses", "open", rate, "apim-mariadb")),
        at_most("resident, idle", 20, fact("memory_idle", "apim"), " MB"),
        at_most("resident, {:,} tokens asked for".format(tokens), 64, fact("memory_tokens", "apim"), " MB"),
        at_most("resident, 1,000,000 tokens asked for", 300, fact("memory_million", "apim"), " MB"),
        at_most("growth over %s calls" % (fact("growth_calls", "apim") or "10 million"), 1, fact("growth", "apim"),
                " MB"),
        at_most("exec to first answer", 100, fact("start_ms", "apim"), " ms"),
        at_most("two workers: CPU per request against one", 1.1,
                divide(get("two-workers", "apim", *cpu), get("closed-256", "apim", *cpu))),
    ]


def numbers_table(results):
    columns = {name: title for name, title in COLUMNS.items()
               if any(name in servers for servers in results.rounds.values())}
    table = Table(results, columns)
    add = table.add
    for count in (1, 16, 256):
        what = "%d connection%s" % (count, "" if count == 1 else "s")
        add(what + ": requests/s", "closed-%d" % count, "per_second")
        add("CPU us per request", "closed-%d" % count, "cpu_us")
        for name, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999")):
            add("%s, us" % name, "closed-%d" % count, "latency_us", key)
    for what, workload in (("open loop", "open"), ("open loop, 10 % misses", "misses")):
        add(what + ": answered/s", workload, "per_second")
        add("p50, us", workload, "latency_us", "p50")
        add("p99, us", workload, "latency_us", "p99")
        add("p99.9, us", workload, "latency_us", "p999")
    add("misses: p99, us", "misses", "miss_latency_us", "p99")
    add("each token once, from the start: requests/s", "cold", "per_second")
    add("CPU us per request", "cold", "cpu_us")
    for what, workload in (("new connections, full, RSA-2048", "connect"), ("full, P-256", "connect-ec"),
                           ("resumed", "resume")):
        add(what + ": per second", workload, "per_second")
        add("CPU us per connection", workload, "cpu_us")
    add("share that was resumed", "resume", "resumed_share")
    add("1,000 clients at once: ms until all are served", "burst", "seconds", scale=1000)
    add("10,000 requests/s: p99, us", "steady", "latency_us", "p99")
    add("beside 300 new connections/s: p99, us", "beside", "latency_us", "p99")
    for what, fact in (("exec to first answer, ms", "start_ms"), ("resident idle, MB", "memory_idle"),
                       ("resident, all tokens asked for, MB", "memory_tokens"),
                       ("resident at its highest, MB", "memory_peak"),
                       ("resident, 1,000,000 tokens, MB", "memory_million")):
        table.add_fact(what, fact)
    return table.lines
