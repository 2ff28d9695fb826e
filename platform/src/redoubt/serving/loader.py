"""What may be loaded: the promoted model or, on loopback, an approved candidate; nothing else."""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from redoubt import admission, digests, model
from redoubt.admission import Admitted
from redoubt.errors import BadInput, Refused
from redoubt.ledger import Ledger
from redoubt.project import Project
from redoubt.records import Registration
from redoubt.settings import Settings

Verifier = subprocess.Popen[bytes] | None


@dataclass(frozen=True)
class Loaded:
    """An admitted model and the team's code that belongs to it."""

    admitted: Admitted
    team: model.Model


# control: SRV-06
def load(
    settings: Settings, project: Project, candidate: str | None = None, verifier: Verifier = None
) -> Loaded:
    """Verify and return what the service may serve.

    The signature is checked in a child (``verifier``, if one was started already) while this process
    imports the web framework. Raises Refused on anything that does not hold; the service then exits
    and was never ready.
    """
    if candidate is not None:
        require_loopback(settings)
    digest = wanted(settings, candidate)
    signature = admission.signature_check(settings, digest, verifier)
    warm = threading.Thread(target=_import_service, name="warm-up")
    warm.start()
    team = model.load(settings.root)
    admitted = admission.admit(
        settings, project, digest, candidate=candidate is not None, signature=signature
    )
    check_code(admitted, team)
    warm.join()
    return Loaded(admitted, team)


# control: SRV-06
def check_code(admitted: Admitted, team: model.Model) -> None:
    """Refuse a bundle that was trained with other feature, schema or reason code than is deployed."""
    here, wanted_code = model.serving_code(team), admitted.bundle.manifest.serving_code
    if here != wanted_code:
        odd = sorted(name for name in here.keys() | wanted_code.keys()
                     if here.get(name) != wanted_code.get(name))  # fmt: skip
        commit = admitted.bundle.run.code.commit or "the training tree"
        raise Refused(
            f"{odd[0]} is not the code that {digests.short(admitted.bundle.digest)} was "
            "trained with.",
            remedy=f"deploy the code of {commit}, or train, approve and promote again",
        )


def wanted(settings: Settings, candidate: str | None) -> str:
    """Return the digest to load: the promoted one, or the registered one that a prefix names.

    Raises Refused when nothing is promoted and BadInput when the prefix names none or several.
    """
    ledger = Ledger(settings)
    if candidate is None:
        decision = admission.promoted(ledger)
        if decision is None:
            raise Refused("No model is promoted.", remedy="run `redoubt promote`")
        return decision.model
    prefix = candidate.removeprefix("sha256:")
    known = {item.model for item in ledger.all(Registration)}
    found = sorted(item for item in known if item.removeprefix("sha256:").startswith(prefix))
    if len(found) != 1 or not prefix:
        raise BadInput(f"{candidate!r} names {len(found)} registered models.",
                       remedy="give more digits of a digest that `redoubt status` shows")  # fmt: skip
    return found[0]


# control: SRV-06
def require_loopback(settings: Settings) -> None:
    """Refuse to serve a candidate where anybody but this machine can reach it."""
    try:
        loopback = ip_address(settings.host).is_loopback
    except ValueError:
        loopback = settings.host == "localhost"
    if not loopback:
        raise Refused(f"A candidate is not served on {settings.host}.",
                      remedy="set REDOUBT_HOST=127.0.0.1; only a promoted model is for others")  # fmt: skip


def _import_service() -> None:
    # A process that ends because it refuses can start no pool: that is no second error to show. One
    # that goes on imports the same again, and raises there what is wrong.
    with suppress(RuntimeError):
        import onnxruntime  # noqa: F401 - imported to be warm
        import uvicorn.protocols.http.httptools_impl  # noqa: F401

        import redoubt.serving.app  # noqa: F401
