"""The Apache Thrift Java library as a client: code generated from the IDL, compiled once per run."""

import glob
import os
import subprocess

import suite

JARS = ":".join("/usr/share/java/%s.jar" % name for name in (
    "thrift", "slf4j-api", "slf4j-nop", "httpclient", "httpcore", "commons-lang3"))

_classes = None


def _compile():
    global _classes
    if _classes is None:
        sources = suite.folder("gen-java")
        for idl in ("authentication", "gen-4"):
            subprocess.run(["thrift", "--gen", "java:generated_annotations=suppress", "-out", sources,
                            os.path.join(suite.SOURCE, "idl", idl + ".thrift")], check=True)
        classes = suite.folder("java-classes")
        files = glob.glob(sources + "/**/*.java", recursive=True)
        subprocess.run(["javac", "-nowarn", "-Xlint:none", "-cp", JARS, "-d", classes, *files,
                        os.path.join(suite.SOURCE, "java", "GatewayClient.java")],
                       check=True, stdout=subprocess.DEVNULL)
        _classes = classes
    return _classes


def _trust_store(node):
    """The node's certificates as Java wants them: one PKCS#12 entry for each."""
    path = node.path("client-truststore.p12")
    if not os.path.exists(path):
        with open(node.certificate) as file:
            certificates = [part + "-----END CERTIFICATE-----\n"
                            for part in file.read().split("-----END CERTIFICATE-----\n") if "BEGIN" in part]
        for number, certificate in enumerate(certificates):
            subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "node-%d" % number, "-keystore", path,
                            "-storetype", "PKCS12", "-storepass", "changeit"], input=certificate.encode(), check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def run(node, how, count):
    """Logs in as admin and validates the world's good key `count` times; AssertionError unless all are granted."""
    secrets = node.write("java-secrets", "admin\n%s\n%s\n" % (node.admin_password, node.world.good.token), 0o600)
    result = subprocess.run(
        ["java", "-Xmx256m", "-Xshare:auto", "-cp", JARS + ":" + _compile(), "GatewayClient", str(node.https_port),
         str(node.thrift_port), _trust_store(node), secrets, how, str(count)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    if result.returncode != 0 or not result.stdout.endswith("granted %d\n" % count):
        raise AssertionError("the Java client failed: " + result.stdout[-4000:])
