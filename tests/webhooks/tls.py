"""A certificate authority of a test's own, and servers with its certificates."""

import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.chalicelib.hostile import Behaviour, request_of

_VALID = datetime.timedelta(days=1)


class Authority:
    """Signs certificates; `client` trusts it and nobody else."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's own authority")])
        own = self._unsigned(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        certificate = own.sign(self._key, hashes.SHA256())
        self.client = ssl.create_default_context(
            cadata=certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
        )

    def speaking_tls(self, behaviour: Behaviour, *names: str) -> tuple[Behaviour, list[str | None]]:
        """The behaviour behind TLS, with a certificate for these names; and the names that clients asked for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._chain(*names))
        asked: list[str | None] = []
        context.sni_callback = lambda _socket, name, _context: asked.append(name)

        def behave(connection: socket.socket) -> None:
            with context.wrap_socket(connection.dup(), server_side=True) as secured:
                request_of(secured)
                behaviour(secured)

        return behave, asked

    def _chain(self, *names: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a service")])
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        certificate = self._unsigned(subject, key).add_extension(alternatives, False).sign(self._key, hashes.SHA256())
        chain = self._directory / f"{abs(hash(names))}.pem"
        plain = serialization.NoEncryption()
        chain.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        return chain

    def _unsigned(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _VALID)
            .not_valid_after(now + _VALID)
        )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
