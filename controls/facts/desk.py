"""The fact ``desk``: ``desk()`` gives a private copy of the released state and people to act on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from model_signing import hashing
from model_signing import signing as openssf

from redoubt import admission, bundle, digests, modelsign, project, provenance, signing
from redoubt.bundle import MANIFEST, MODEL
from redoubt.gates import engine
from redoubt.identity import Identity
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Approval, ControlResult, Decision, Manifest, Record, Registration
from redoubt.release import approve, issuer, promote, register
from redoubt.settings import Settings
from redoubt.training import preconditions


@dataclass
class Desk:
    """One released model in a folder that may be written into."""

    root: Path
    model: str | None = None

    @cached_property
    def settings(self) -> Settings:
        return Settings(root=self.root)

    @cached_property
    def project(self) -> project.Project:
        return project.load(self.root)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.settings)

    @cached_property
    def digest(self) -> str:
        *_, newest = self.ledger.all(Registration)
        return self.model or newest.model

    @property
    def case(self) -> admission.Case:
        return admission.Case(self.settings, self.project, self.digest)

    @property
    def folder(self) -> Path:
        return admission.folder(self.settings, self.digest)

    @property
    def signature(self) -> Path:
        return admission.signature_path(self.settings, self.digest)

    @property
    def provenance(self) -> Path:
        return admission.provenance_path(self.settings, self.digest)

    def person(self, name: str, **claims: Any) -> Identity:
        return issuer.identity(self.settings, name, **claims)

    def approver(self, name: str) -> Identity:
        return self.person(name, roles=["approver"])

    def approve(self, by: Identity) -> Approval:
        return approve.approve(self.settings, self.project, self.digest, by, "reviewed")

    def said(self, case: admission.Case) -> ControlResult:
        """Answer for the rooms, as they did when the model was promoted."""
        *_, newest = self.ledger.all(ControlResult, case.digest)
        return newest

    def promote(self, by: Identity | None = None, rooms: promote.Rooms | None = None) -> Decision:
        by = by or self.person("mira")
        rooms = rooms or self.said
        return promote.promote(self.settings, self.project, self.digest, by, rooms)

    def checked(self, kind: str) -> None:
        """Ask what promotion and load ask of the newest record of a kind."""
        checks: dict[str, Callable[[admission.Case], object]] = {
            "Registration": admission.check_registration, "Decision": admission.check_decision,
            "Approval": admission.check_approval,
            "GateResult": partial(admission.check_gate, gate="parity-service"),
        }  # fmt: skip
        checks[kind](self.case)

    def step(self, name: str, who: str, roles: list[str]) -> None:
        """Take one step of a release as somebody with these roles."""
        by, here = self.person(who, roles=roles), (self.settings, self.project)
        if name == "train":
            preconditions.check(self.settings, by, None)
        elif name == "judge":
            engine.judge(*here, self.digest, by, names=("parity-onnx",))
        elif name == "register":
            register.register(*here, self.digest, by)
        elif name == "approve":
            self.approve(by)
        else:
            self.promote(by)

    def record(self, kind: type[Record] = Approval, **changes: Any) -> None:
        """Append the newest record of a kind again, changed and rightly signed: a forger with the key."""
        *_, newest = self.ledger.all(kind, self.digest)
        self.ledger.append(newest.model_copy(update=changes))

    def restate(
        self, way: Sequence[str | int], value: object, key: signing.Purpose = "bundle"
    ) -> None:
        """State a provenance that differs from the truth in one place, with the right key or not."""
        said: Any = provenance.statement(self.settings, self.project, self.case.bundle)
        place = said
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = value
        payload = digests.canonical(said)
        envelope = self.settings.signer(key).sign(payload, signing.IN_TOTO)
        self.provenance.write_text(json.dumps(envelope))

    def states(self, **code: Any) -> dict[str, Any]:
        """Return the statement that would be true of the bundle if its code had been in this state."""
        made = self.case.bundle
        run = made.run.model_copy(update={"code": made.run.code.model_copy(update=code)})
        return provenance.statement(self.settings, self.project, replace(made, run=run))

    def overrides(self, policy: str, text: str) -> None:
        """Let the project override limits of a policy."""
        (self.root / "conf").mkdir(exist_ok=True)
        (self.root / "conf" / f"{policy}.yml").write_text(text)

    def verified(self) -> modelsign.Files:
        """Return the files that trusted keys signed."""
        return modelsign.verify(self.folder, self.signature, self.settings.trust)

    def sign_without(self, name: str) -> None:
        """Sign the bundle, with the right key, in a way that leaves one file out."""
        partial = hashing.Config().set_ignored_paths(paths=[name])  # type: ignore[no-untyped-call]
        config = openssf.Config().set_hashing_config(partial)  # type: ignore[no-untyped-call]
        config.use_elliptic_key_signer(private_key=self.settings.keys / "bundle.pem")
        config.sign(self.folder, self.signature)

    def plant(self, data: bytes) -> Desk:
        """Leave a candidate that is whole, but whose model file is this; its run is on the ledger."""
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()} | {MODEL: data}
        old = Manifest.model_validate_json(files.pop(MANIFEST))
        named = {name: digests.digest(content) for name, content in files.items()}
        manifest = old.model_copy(update={"files": named})
        folder = register.candidate_folder(self.settings, manifest.digest)
        folder.mkdir(parents=True)
        bundle.write(folder, manifest, files)
        return Desk(self.root, manifest.digest)

    def register(self) -> Registration:
        return register.register(self.settings, self.project, self.digest, self.person("mira"))

    def force(self, before: Desk) -> None:
        """Sign, approve and promote a candidate by hand, as somebody who holds every key."""
        shutil.copytree(register.candidate_folder(self.settings, self.digest), self.folder)
        modelsign.sign(self.folder, self.signature, self.settings.keys / "bundle.pem")
        manifest = Manifest.model_validate_json((self.folder / MANIFEST).read_bytes())
        said = replace(before.case.bundle, digest=self.digest, manifest=manifest)
        provenance.write(self.settings, self.project, said, self.provenance)
        new: dict[str, str] = {}
        for entry in before.ledger.entries():
            if getattr(entry.record, "model", None) == before.digest:
                record = entry.record.model_copy(update=self._forged(entry.record, new))
                new[entry.record.digest] = record.digest
                self.ledger.append(record)

    def _forged(self, record: Record, new: dict[str, str]) -> dict[str, Any]:
        changes: dict[str, Any] = {"model": self.digest}
        if isinstance(record, Registration):
            changes["signature"] = digests.digest_file(self.signature)
            changes["provenance"] = digests.digest_file(self.provenance)
        for field in ("gates", "inputs"):
            named = getattr(record, field, {})
            if named:
                changes[field] = {key: new.get(value, value) for key, value in named.items()}
        return changes

    def admit(self) -> admission.Admitted:
        return admission.admit(self.settings, self.project, self.digest, candidate=False)


class Desks:
    """Call it for a desk; ``refusal(action, …)`` returns why an action was refused, or None."""

    def __init__(
        self, released: Path, copy_of: Callable[[Path], Path], refusal: Callable[..., str | None]
    ) -> None:
        self._released, self._copy_of, self.refusal = released, copy_of, refusal

    def __call__(self) -> Desk:
        return Desk(self._copy_of(self._released))


@fact(reads=["platform/src/redoubt/release/**", "platform/src/redoubt/admission.py"])
def desk(
    released: Path, copy_of: Callable[[Path], Path], refusal: Callable[..., str | None]
) -> Desks:
    return Desks(released, copy_of, refusal)
