"""The fact ``desk``: ``desk()`` gives a private copy of the released state and people to act on it."""

import json
import shutil
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from model_signing import hashing
from model_signing import signing as openssf

from redoubt import admission, bundle, digests, modelsign, project, provenance, signing
from redoubt.bundle import MANIFEST, MODEL
from redoubt.errors import RedoubtError
from redoubt.gates import engine
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Approval, Manifest, Registration
from redoubt.release import approve, issuer, promote, register
from redoubt.settings import Settings
from redoubt.training import preconditions


@dataclass
class Desk:
    """One released model in a folder that may be written into."""

    root: Path
    model: str | None = None

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
        return self.model or self.ledger.newest(Registration).model

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

    def checked(self, kind):
        """Ask what promotion and load ask of the newest record of a kind."""
        checks = {"Registration": admission.check_registration, "Decision": admission.check_decision,
                  "Approval": admission.check_approval,
                  "GateResult": partial(admission.check_gate, gate="parity-service")}  # fmt: skip
        checks[kind](self.case)

    def step(self, name, who, roles):
        """Take one step of a release as somebody with these roles."""
        by, here = self.person(who, roles=roles), (self.settings, self.project)
        if name == "train":
            preconditions.check(self.settings, by, None)
        elif name == "judge":
            engine.judge(*here, self.digest, by, names=("parity-onnx",))
        elif name == "approve":
            self.approve(by)
        else:
            {"register": register.register, "promote": promote.promote}[name](
                *here, self.digest, by
            )

    def record(self, kind: type = Approval, **changes):
        """Append the newest record of a kind again, changed and rightly signed: a forger with the key."""
        self.ledger.append(self.ledger.newest(kind, self.digest).model_copy(update=changes))

    def restate(self, way, value, key="bundle"):
        """State a provenance that differs from the truth in one place, with the right key or not."""
        said = place = provenance.statement(self.settings, self.project, self.case.bundle)
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value
        payload = digests.canonical(said)
        envelope = self.settings.signer(key).sign(payload, signing.IN_TOTO)
        self.provenance.write_text(json.dumps(envelope))

    def sign_without(self, name):
        """Sign the bundle, with the right key, in a way that leaves one file out."""
        partial = hashing.Config().set_ignored_paths(paths=[name])
        config = openssf.Config().set_hashing_config(partial)
        config.use_elliptic_key_signer(private_key=self.settings.keys / "bundle.pem")
        config.sign(self.folder, self.signature)

    def plant(self, data):
        """Leave a candidate that is whole, but whose model file is this; its run is on the ledger."""
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()} | {MODEL: data}
        old = Manifest.model_validate_json(files.pop(MANIFEST))
        named = {name: digests.digest(content) for name, content in files.items()}
        manifest = old.model_copy(update={"files": named})
        folder = register.candidate_folder(self.settings, manifest.digest)
        folder.mkdir(parents=True)
        bundle.write(folder, manifest, files)
        return Desk(self.root, manifest.digest)

    def register(self):
        return register.register(self.settings, self.project, self.digest, self.person("mira"))

    def force(self, before):
        """Sign, approve and promote a candidate by hand, as somebody who holds every key."""
        shutil.copytree(register.candidate_folder(self.settings, self.digest), self.folder)
        modelsign.sign(self.folder, self.signature, self.settings.keys / "bundle.pem")
        manifest = Manifest.model_validate_json((self.folder / MANIFEST).read_bytes())
        said = replace(before.case.bundle, digest=self.digest, manifest=manifest)
        provenance.write(self.settings, self.project, said, self.provenance)
        new = {}
        for entry in before.ledger.entries():
            if getattr(entry.record, "model", None) == before.digest:
                record = entry.record.model_copy(update=self._forged(entry.record, new))
                new[entry.record.digest] = record.digest
                self.ledger.append(record)

    def _forged(self, record, new):
        changes = {"model": self.digest}
        if isinstance(record, Registration):
            changes["signature"] = digests.digest_file(self.signature)
            changes["provenance"] = digests.digest_file(self.provenance)
        for field in ("gates", "inputs"):
            named = getattr(record, field, {})
            if named:
                changes[field] = {key: new.get(value, value) for key, value in named.items()}
        return changes

    def admit(self):
        return admission.admit(self.settings, self.project, self.digest, candidate=False)


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
