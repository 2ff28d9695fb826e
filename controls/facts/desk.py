"""The fact ``desk``: ``desk()`` gives a private copy of the released state and people to act on it."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from model_signing import hashing
from model_signing import signing as openssf

from redoubt import admission, digests, project, provenance, signing
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Approval, Registration
from redoubt.release import approve, issuer, promote
from redoubt.settings import Settings


@dataclass
class Desk:
    """One released model in a folder that may be written into."""

    root: Path

    @cached_property
    def settings(self):
        return Settings(root=self.root)

    @cached_property
    def project(self):
        return project.load(self.root)

    @property
    def ledger(self):
        return Ledger(self.settings)

    @cached_property
    def digest(self):
        return self.ledger.newest(Registration).model

    @property
    def case(self):
        return admission.Case(self.settings, self.project, self.digest)

    @property
    def folder(self):
        return admission.folder(self.settings, self.digest)

    @property
    def signature(self):
        return admission.signature_path(self.settings, self.digest)

    @property
    def provenance(self):
        return admission.provenance_path(self.settings, self.digest)

    def person(self, name, **claims):
        return issuer.identity(self.settings, name, **claims)

    def approver(self, name):
        return self.person(name, roles=["approver"])

    def approve(self, by):
        return approve.approve(self.settings, self.project, self.digest, by, "reviewed")

    def promote(self, by=None):
        by = by or self.person("mira")
        return promote.promote(self.settings, self.project, self.digest, by)

    def record(self, kind: type = Approval, **changes):
        """Append the newest record of a kind again, changed and rightly signed: a forger with the key."""
        self.ledger.append(self.ledger.newest(kind, self.digest).model_copy(update=changes))

    def restate(self, way, value):
        """State, with the right key, a provenance that differs from the truth in one place."""
        said = place = provenance.statement(self.settings, self.project, self.case.bundle)
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value
        payload = digests.canonical(said)
        envelope = self.settings.signer("bundle").sign(payload, signing.IN_TOTO)
        self.provenance.write_text(json.dumps(envelope))

    def sign_without(self, name):
        """Sign the bundle, with the right key, in a way that leaves one file out."""
        partial = hashing.Config().set_ignored_paths(paths=[name])
        config = openssf.Config().set_hashing_config(partial)
        config.use_elliptic_key_signer(private_key=self.settings.keys / "bundle.pem")
        config.sign(self.folder, self.signature)


class Desks:
    """Call it for a desk; ``refusal(action, …)`` returns why an action was refused, or None."""

    def __init__(self, released, copy_of):
        self._released, self._copy_of = released, copy_of

    def __call__(self):
        return Desk(self._copy_of(self._released))

    def refusal(self, action, *arguments, **options):
        try:
            action(*arguments, **options)
        except RedoubtError as error:
            return error.message
        return None


@fact(reads=["platform/src/redoubt/release/**", "platform/src/redoubt/admission.py"])
def desk(released, copy_of):
    return Desks(released, copy_of)
