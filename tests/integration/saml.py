"""A SAML 2.0 identity provider: its key and certificate, and assertions signed by programs that are not ours: the xmlsec1
command and the JDK's XML signatures."""

import base64
import datetime
import os
import subprocess
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

import suite

GRANT = "urn:ietf:params:oauth:grant-type:saml2-bearer"
NAMESPACE = "urn:oasis:names:tc:SAML:2.0:assertion"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

ASSERTION = """<saml:Assertion xmlns:saml="{namespace}" ID="{id}" Version="2.0" IssueInstant="{now}">
  <saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:Subject>
    <saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{subject}</saml:NameID>
    <saml:SubjectConfirmation Method="{bearer}">
      <saml:SubjectConfirmationData NotOnOrAfter="{until}" Recipient="{recipient}"/>
    </saml:SubjectConfirmation>
  </saml:Subject>
  <saml:Conditions NotBefore="{begin}" NotOnOrAfter="{until}">
    <saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>
  </saml:Conditions>
  <saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext>
    <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>
  </saml:AuthnContext></saml:AuthnStatement>
</saml:Assertion>
"""

TEMPLATE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
    <ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
    <ds:Reference URI="#{id}"><ds:Transforms>
        <ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
        <ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
      </ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/>
    </ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""

_java_classes = None


def _compiled():
    global _java_classes
    if _java_classes is None:
        _java_classes = suite.folder("saml-java")
        subprocess.run(["javac", "-nowarn", "-d", _java_classes, os.path.join(suite.SOURCE, "java", "SamlSigner.java")],
                       check=True, stdout=subprocess.DEVNULL)
    return _java_classes


def encode(xml):
    """As the parameter of a request (RFC 7522 2.1)."""
    return base64.urlsafe_b64encode(xml.encode()).decode().rstrip("=")


class IdentityProvider:
    def __init__(self, issuer="https://idp.example.com/saml"):
        self.issuer = issuer
        self.folder = suite.folder("idp")
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        for name, encoding in (("key.pem", serialization.Encoding.PEM), ("key.der", serialization.Encoding.DER)):
            with open(self.path(name), "wb") as file:
                file.write(self.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8,
                                                  serialization.NoEncryption()))

    def path(self, name):
        return os.path.join(self.folder, name)

    def certificate(self):
        """In PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
        now = datetime.datetime.utcnow()
        certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(
            self.key.public_key()).serial_number(x509.random_serial_number()).not_valid_before(
            now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1)).sign(
            self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def unsigned(self, subject, recipient, audience=None, begin=-60, until=300, signature="", **other):
        """begin, until: seconds from now."""
        def moment(seconds):
            return (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

        identity = other.pop("id", "_" + uuid.uuid4().hex)
        return ASSERTION.format(**dict(dict(
            namespace=NAMESPACE, bearer=BEARER, id=identity, issuer=self.issuer, subject=subject, recipient=recipient,
            audience=audience or recipient, now=moment(0), begin=moment(begin), until=moment(until),
            signature=signature.format(id=identity)), **other))

    def assertion(self, *arguments, **options):
        """Signed by the xmlsec1 command."""
        source, result = self.path("unsigned.xml"), self.path("signed.xml")
        with open(source, "w") as file:
            file.write(self.unsigned(*arguments, signature=TEMPLATE, **options))
        subprocess.run(["xmlsec1", "--sign", "--privkey-pem", self.path("key.pem"), "--id-attr:ID",
                        NAMESPACE + ":Assertion", "--output", result, source], check=True, stderr=subprocess.PIPE)
        with open(result) as file:
            return file.read()

    def assertion_of_java(self, *arguments, **options):
        """Signed by the JDK."""
        return subprocess.run(["java", "-Xmx128m", "-Xshare:auto", "-cp", _compiled(), "SamlSigner",
                               self.path("key.der")], input=self.unsigned(*arguments, **options), check=True,
                              stdout=subprocess.PIPE, text=True).stdout
