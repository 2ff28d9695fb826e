"""The fact ``certified``: who connects to a service that asks for client certificates."""

from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from redoubt.proof import fact
from redoubt.serving import tls
from redoubt.serving.handle import Service


@fact(reads=["platform/src/redoubt/*.py", "platform/src/redoubt/serving/**"])
def certified(released, copy_of, launch, tmp_path_factory) -> dict[str, bool]:
    folder, pairs = tmp_path_factory.mktemp("certified"), {}
    for name in ("known", "stranger"):
        tls.create_authority(folder / name, name)
        tls.issue(folder / name, "app", ("app",), ExtendedKeyUsageOID.CLIENT_AUTH)
        pairs[name] = (folder / name / "app.pem", folder / name / "app-key.pem")
    asked = {"REDOUBT_CLIENT_CA": str(folder / "known" / tls.CA)}
    with launch(copy_of(released), certificate=pairs["known"], **asked) as one:
        return {name: connects(one.service, pairs.get(name)) for name in (*pairs, "nobody")}


def connects(service: Service, certificate: tuple[Path, Path] | None) -> bool:
    service.certificate = certificate
    ready: bool = service.ready()
    service.close()
    return ready
