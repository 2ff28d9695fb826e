"""The fact ``starts``: ``starts(tamper)`` starts the service of a desk that was tampered with.

It returns (exit code, was it ever ready, what it printed); the code is None while it runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from redoubt import chain, digests, modelsign, records, signing
from redoubt.proof import fact
from redoubt.records import ControlResult, Decision, Registration

if TYPE_CHECKING:
    from facts.desk import Desk

Start = Callable[..., tuple[int | None, bool, str]]
OTHER = "sha256:" + "1" * 64
LONG, SOON = timedelta(days=400), timedelta(days=1)


class Tamper:
    """What somebody with access to the files, and sometimes to keys, may do before a start."""

    @staticmethod
    def nothing(desk: Desk) -> None:
        """Leave everything as it was promoted."""

    @staticmethod
    def flipped_byte(desk: Desk) -> None:
        path = desk.folder / "model.onnx"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    @staticmethod
    def swapped_model(desk: Desk) -> None:
        """Put another whole bundle, with a manifest of its own, in the promoted one's place."""
        path = desk.folder / "manifest.json"
        manifest = records.Manifest.model_validate_json(path.read_bytes())
        path.write_bytes(manifest.model_copy(update={"serving_code": {}}).canonical())

    @staticmethod
    def unsigned(desk: Desk) -> None:
        """Remove the signature, and register an empty one in its place, rightly recorded."""
        desk.signature.write_text("{}")
        desk.record(Registration, signature=digests.digest_file(desk.signature))

    @staticmethod
    def signed_by_a_fresh_key(desk: Desk) -> None:
        keys = desk.root / "fresh"
        signing.create_key(keys / "bundle.pem")
        desk.signature.unlink()
        modelsign.sign(desk.folder, desk.signature, keys / "bundle.pem")
        desk.record(Registration, signature=digests.digest_file(desk.signature))

    @staticmethod
    def approval_expired(desk: Desk) -> None:
        newest = desk.ledger.latest_time()
        desk.record(expires=newest)

    @staticmethod
    def approval_of_the_author(desk: Desk) -> None:
        desk.record(by=desk.person("mira", roles=["approver"]).actor())

    @staticmethod
    def approval_longer_than_the_policy(desk: Desk) -> None:
        newest = desk.ledger.latest_time()
        assert newest
        desk.record(at=newest - LONG, expires=newest + LONG)

    @staticmethod
    def approval_of_tomorrow(desk: Desk) -> None:
        newest = desk.ledger.latest_time()
        assert newest
        desk.record(at=newest + SOON, expires=newest + 2 * SOON)

    @staticmethod
    def approval_of_who_registered(desk: Desk) -> None:
        """Register it again as the person who approved it."""
        roles = list(desk.person("mira").roles)
        desk.record(Registration, by=desk.person("ada", roles=roles).actor())

    @staticmethod
    def another_tier(desk: Desk) -> None:
        path = desk.root / "project.yml"
        text = path.read_text().replace("automatic", "advisory").replace("individuals", "none")
        path.write_text(text)

    @staticmethod
    def another_promoted(desk: Desk) -> None:
        desk.record(Decision, model=OTHER)

    @staticmethod
    def old_decision_replayed(desk: Desk) -> None:
        """Another model is promoted now; copy the old signed decision to the end of the chain."""
        lines = [line for _, _, line in chain.read(desk.ledger.path)]
        old = next(line for line in lines if line["kind"] == "redoubt/decision/1")
        desk.record(Decision, model=OTHER)
        again = {key: value for key, value in old.items() if key not in ("seq", "prev")}
        chain.append(desk.ledger.path, [again])

    @staticmethod
    def newest_decision_cut_off(desk: Desk) -> None:
        """Another model is promoted now; cut that decision off, so that the old one is the newest."""
        whole = desk.ledger.path.read_bytes()
        desk.record(Decision, model=OTHER)
        desk.ledger.path.write_bytes(whole)

    @staticmethod
    def cut_off_without_checkpoint(desk: Desk) -> None:
        Tamper.newest_decision_cut_off(desk)
        desk.ledger.checkpoint.unlink()

    @staticmethod
    def cut_off_with_the_checkpoint_of_another_chain(desk: Desk) -> None:
        """Put a rightly signed checkpoint of an empty decision log in place of the ledger's."""
        Tamper.newest_decision_cut_off(desk)
        signer = desk.settings.signer("checkpoint")
        chain.write_checkpoint(desk.ledger.checkpoint, "decisions", chain.Head(), signer)

    @staticmethod
    def decision_that_was_denied(desk: Desk) -> None:
        """Another model is promoted now, and going back to this one was denied."""
        desk.record(Decision, model=OTHER)
        desk.record(Decision, outcome="denied")

    @staticmethod
    def decision_of_a_fresh_key(desk: Desk) -> None:
        keys = desk.root / "fresh"
        signing.create_key(keys / "decision.pem")
        Tamper._decide(desk, signing.LocalSigner(keys / "decision.pem"))

    @staticmethod
    def decision_of_the_key_of_gates(desk: Desk) -> None:
        Tamper._decide(desk, desk.settings.signer("gate"))

    @staticmethod
    def _decide(desk: Desk, signer: signing.Signer) -> None:
        """Another model is promoted now; write a decision for this one by hand, in its right place."""
        *_, newest = desk.ledger.all(Decision)
        desk.record(Decision, model=OTHER)
        head = chain.head(desk.ledger.path)
        signed = {"seq": head.count, "prev": head.hash, "at": newest.at.isoformat(),
                  "record": newest.model_dump(mode="json")}  # fmt: skip
        envelope = signer.sign(digests.canonical(signed))
        chain.append(desk.ledger.path, [{"kind": newest.kind, "envelope": envelope}])

    @staticmethod
    def decision_against_the_rooms(desk: Desk) -> None:
        """Promote although a room that was asked about this model said no."""
        *_, newest = desk.ledger.all(Decision)
        *_, said = desk.ledger.all(ControlResult, desk.digest)
        against = said.model_copy(update={"denials": ("GATE-02.1 is fail",)})
        inputs = newest.inputs | {"controls": desk.ledger.append(against)}
        desk.record(Decision, inputs=inputs)

    @staticmethod
    def decision_on_lent_evidence(desk: Desk) -> None:
        """Promote without the last gate, naming another record in its place."""
        *_, newest = desk.ledger.all(Decision)
        desk.record(Decision, inputs=newest.inputs | {"gate:parity-service": newest.inputs["run"]})

    @staticmethod
    def decision_without_the_rooms(desk: Desk) -> None:
        """Promote without having asked the rooms about this model."""
        *_, newest = desk.ledger.all(Decision)
        inputs = dict(newest.inputs)
        del inputs["controls"]
        desk.record(Decision, inputs=inputs)

    @staticmethod
    def other_feature_code(desk: Desk) -> None:
        Tamper._deploy(desk, "features.py")

    @staticmethod
    def other_schema_code(desk: Desk) -> None:
        Tamper._deploy(desk, "schema.py")

    @staticmethod
    def other_reason_code(desk: Desk) -> None:
        Tamper._deploy(desk, "reasons.py")

    @staticmethod
    def _deploy(desk: Desk, name: str) -> None:
        """Deploy a team package of which one file differs from the one that was trained with."""
        import redoubt.profiles.pd.reference as reference

        package = desk.root / "src" / "other"
        shutil.copytree(Path(reference.__file__).parent, package)
        changed = package / name
        changed.write_text(changed.read_text() + "\nSCALE = 2\n")
        seam = desk.root / "pyproject.toml"
        text = seam.read_text().replace("redoubt.profiles.pd.reference.model", "other.model")
        seam.write_text(text)


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/serving/**",
        "platform/src/redoubt/release/**",
    ]
)
def starts(desk, launch) -> Start:
    @cache
    def start(how: str, *arguments: str, **environment: str) -> tuple[int | None, bool, str]:
        own = desk()
        getattr(Tamper, how)(own)
        with launch(own.root, *arguments, **environment) as one:
            return one.code, one.was_ready, one.output

    return start
