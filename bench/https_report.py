"""What bench/https is to reach, and its tables."""

from report import Table, at_least, at_most, divide

COLUMNS = {"apim": "apim", "tomcat": "Tomcat", "s_server": "openssl s_server", "disk": "disk"}
REQUESTS = {"thrift": "validateKey over Thrift", "soap": "validateKey over SOAP", "introspect": "introspection",
            "reuse": "client_credentials, a token there already", "issue": "client_credentials, a new token each time"}
COUNTS = (16, 256)  # connections
ABOUT = ("%(date)s, %(cores)s cores of %(cpu)s, Linux %(kernel)s; servers on one core, the generator on another; "
         "%(rounds)d round(s) of %(seconds)g s, medians; %(tokens)s tokens of %(applications)s applications; SOAP: "
         "%(request_bytes)d-byte requests, %(reply_bytes)d-byte replies (apim), HTTP headers included; %(ciphers)s; "
         "SQLite on %(filesystem)s; load average before: %(load_before).1f.")


def targets(results):
    """Rows as report.at_most() makes them; measured is None where it was not."""
    get = results.get
    rows = []

    def ratio(workload, path, server="apim", other_workload=None, other="apim"):
        return divide(get(workload, server, path), get(other_workload or workload, other, path))

    def above_thrift(request, count):
        cpu, base = (get("%s-%d" % (name, count), "apim", "cpu_us") for name in (request, "thrift"))
        return None if cpu is None or base is None else cpu - base

    for request in ("soap", "introspect"):
        for count in COUNTS:
            what, workload = "%s, %d connections: " % (REQUESTS[request], count), "%s-%d" % (request, count)
            rows += [at_most(what + "CPU per request above Thrift's", 21, above_thrift(request, count), " us"),
                     at_least(what + "requests/s against Thrift (the aim)", 0.5,
                              ratio(workload, "per_second", other_workload="thrift-%d" % count)),
                     at_least(what + "requests/s against Tomcat", 2.2, ratio(workload, "per_second", other="tomcat"))]
    for count in COUNTS:
        rows.append(at_least("%s, %d connections: requests/s against SOAP" % (REQUESTS["reuse"], count), 1,
                             ratio("reuse-%d" % count, "per_second", other_workload="soap-%d" % count)))
    rows += [
        at_least(REQUESTS["issue"] + ", 256 connections: per second", 5000, get("issue-256", "apim", "per_second"), ""),
        at_most(REQUESTS["issue"] + ", 256 connections: CPU, which is 5,000/s on a core", 200,
                get("issue-256", "apim", "cpu_us"), " us"),
        at_least(REQUESTS["issue"] + ", 256 connections: against SQLite commits one by one", 1,
                 divide(get("issue-256", "apim", "per_second"), get("commits", "disk", "per_second"))),
    ]
    for what, workload in (("openssl s_time, TLS 1.3, P-256", "s_time-1.3"),
                           ("openssl s_time, TLS 1.2, RSA-2048", "s_time-1.2"),
                           ("16 at the same time, TLS 1.3, P-256", "handshakes-ec"),
                           ("16 at the same time, TLS 1.3, RSA-2048", "handshakes-rsa")):
        rows.append(at_least("full handshakes/s against openssl s_server: " + what, 0.85,
                             ratio(workload, "per_second", other="s_server")))
    rows.append(at_least("handshakes that were resumed, two workers", 0.99, get("resume", "apim", "resumed_share"), ""))
    return rows


def numbers_table(results):
    table = Table(results, COLUMNS)
    for request, words in REQUESTS.items():
        for count in COUNTS:
            workload = "%s-%d" % (request, count)
            table.add("%s, %d connections: requests/s" % (words, count), workload, "per_second")
            table.add("CPU us per request", workload, "cpu_us")
            for name, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999")):
                table.add("%s, us" % name, workload, "latency_us", key)
    table.add("SQLite commits one by one, synchronous = FULL: per second", "commits", "per_second")
    table.add("4 KiB appended and fdatasync(): per second", "syncs", "per_second")
    for words, workload in (("full handshakes, 16 at the same time, RSA-2048", "handshakes-rsa"),
                            ("full handshakes, 16 at the same time, P-256", "handshakes-ec"),
                            ("connect, one SOAP call, close; RSA-2048", "connect"),
                            ("the same, resumed, two workers", "resume")):
        table.add(words + ": per second", workload, "per_second")
        table.add("CPU us per connection", workload, "cpu_us")
    for version in ("1.2", "1.3"):
        table.add("openssl s_time, TLS %s: handshakes/s" % version, "s_time-" + version, "per_second")
    table.add_fact("resident at its highest, MB", "memory_peak")
    return table.lines
