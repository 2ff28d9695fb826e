"""TLS for the service: at least 1.2, a client certificate where a client CA is set.

On a laptop a certificate authority of one day's work is created in the state folder; outside
development the certificate is mounted, and one from the state folder is refused by the settings.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from redoubt import files
from redoubt.errors import Refused, Unavailable
from redoubt.settings import Settings

DAYS = 30
CA = "ca.pem"
Purpose = x509.ObjectIdentifier


def authority(settings: Settings) -> Path:
    """Return the file of the development CA, which a client on this machine trusts."""
    return settings.state / "tls" / CA


# control: SRV-01
# control: NET-04
def context(settings: Settings) -> ssl.SSLContext:
    """Return the server's context. Raises Unavailable when certificate or key cannot be read."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        made.load_cert_chain(settings.tls_certificate, settings.tls_key)
        if settings.client_ca is not None:
            made.load_verify_locations(settings.client_ca)
            made.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise Unavailable(
            f"The TLS certificate {settings.tls_certificate}, its key or the client CA "
            f"{settings.client_ca} cannot be read ({type(error).__name__}).",
            remedy="set REDOUBT_TLS_CERTIFICATE, REDOUBT_TLS_KEY and REDOUBT_CLIENT_CA",
        ) from error
    return made


def prepare(settings: Settings) -> None:
    """Create the development CA and the service's certificate when missing or about to expire.

    Raises Refused outside development when the certificate lies in the checkout.
    """
    if not settings.development:
        if settings.tls_key.resolve().is_relative_to(settings.root.resolve()):
            raise Refused(f"The TLS key {settings.tls_key} lies in the checkout.",
                          remedy="set REDOUBT_TLS_KEY to the mounted key")  # fmt: skip
        return
    if not (_fresh(settings.tls_certificate) and _fresh(authority(settings))):
        folder = settings.state / "tls"
        create_authority(folder)
        issue(folder, "service", ("localhost", settings.host), ExtendedKeyUsageOID.SERVER_AUTH)


def _fresh(path: Path) -> bool:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return found.not_valid_after_utc > datetime.now(UTC) + timedelta(days=1)


def create_authority(folder: Path, name: str = "Redoubt development CA") -> None:
    """Write ``ca.pem`` and ``ca-key.pem``: a new certificate authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    made = (
        _builder(subject, subject, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CA, folder / "ca-key.pem", made, key)


def issue(folder: Path, name: str, hosts: tuple[str, ...], purpose: Purpose) -> None:
    """Write ``<name>.pem`` and ``<name>-key.pem``, signed by the folder's authority."""
    ca = x509.load_pem_x509_certificate((folder / CA).read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise Refused(f"{folder / 'ca-key.pem'} is no P-256 key.", remedy=f"remove {folder}")
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = (
        _builder(_name(name), ca.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(folder / f"{name}.pem", folder / f"{name}-key.pem", made, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=DAYS))
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates, key_cert_sign=certificates, crl_sign=certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write(
    certificate: Path, key: Path, made: x509.Certificate, private: ec.EllipticCurvePrivateKey
) -> None:
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    files.write_bytes(key, pem)
    files.write_bytes(certificate, made.public_bytes(serialization.Encoding.PEM))
