"""The fact ``trial``: ``trial()`` is a desk of its own where evidence is removed, spoilt, aged or lent.

Every changed record is rightly signed and chained: the attacker of these rooms has all the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from operator import methodcaller
from typing import TYPE_CHECKING, Any
from unittest import mock

from redoubt import admission, limits
from redoubt.errors import Refused
from redoubt.gates import engine, performance
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Approval, ControlResult, Decision, GateResult, Record, Registration, Run
from redoubt.release import promote, status
from redoubt.release.registry import Registry

if TYPE_CHECKING:
    from facts.desk import Desk, Desks

OTHER = "sha256:" + "0" * 64
GATES = ("performance", "parity-onnx", "parity-service")  # what tier 1 must ask for
DAYS = {"redoubt/gate/1": 15, "redoubt/approval/1": 91}  # one more than tier 1 allows
KINDS = {"run": Run, "registration": Registration, "approval": Approval}
Blamed = Iterator[tuple[str, list[str]]]


def name_of(record: Record) -> str:
    """Return what a decision calls a record of this kind."""
    if isinstance(record, GateResult):
        return f"gate:{record.gate}"
    return next((name for name, kind in KINDS.items() if isinstance(record, kind)), "")


def older(record: Any) -> Any:
    """Return a record made one day earlier than tier 1 allows; what it says of its end stays."""
    return record.model_copy(update={"at": record.at - timedelta(days=DAYS[record.kind])})


class Trial:
    """One released model whose evidence a test may change."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.gates = [f"gate:{gate}" for gate in GATES]
        self.inputs = [*KINDS, "signature", "provenance", *self.gates]
        self.files = {"run": desk.folder / "model.onnx", "signature": desk.signature,
                      "provenance": desk.provenance}  # fmt: skip

    def denied(self) -> list[str]:
        """Promote and return the inputs that the recorded decision blames; none when granted."""
        decision = self.desk.promote()
        if decision not in Ledger(self.desk.settings).all(Decision):
            return ["not recorded"]
        return [reason.partition(": ")[0] for reason in decision.reasons]

    def promoted_anew(self) -> tuple[Decision, dict[str, Any]]:
        """Promote as if it never was; return the decision and every record that it weighed."""
        self.rebuild(lambda record: None if isinstance(record, Decision) else record)
        made = self.desk.promote()
        known = {entry.record.digest: entry.record for entry in self.desk.ledger.entries()}
        return made, {name: known.get(digest) for name, digest in made.inputs.items()}

    def rebuild(self, change: Callable[[Record], Record | None]) -> None:
        """Write the ledger again with changed records, without waiting for the disk."""
        kept = [change(entry.record) for entry in self.desk.ledger.entries()]
        self.desk.ledger.path.unlink()
        self.desk.ledger.checkpoint.unlink()
        ledger = Ledger(self.desk.settings)
        with mock.patch("os.fsync"):
            for record in filter(None, kept):
                ledger.append(record)

    def change(self, name: str, change: Callable[[Record], Record | None]) -> list[str]:
        """Change the records of one input; return what the denial blames."""
        self.rebuild(lambda record: change(record) if name_of(record) == name else record)
        return self.denied()

    def roll_back(self, name: str) -> str:
        """Go back to the model from another one, after a file of it, or the rooms' word, was removed."""
        if name == "controls":
            *_, newest = self.desk.ledger.all(Decision)
            inputs = {what: digest for what, digest in newest.inputs.items() if what != name}
            self.desk.record(Decision, inputs=inputs)
        self.desk.record(Decision, model=OTHER)
        if name in self.files:
            self.files[name].unlink()
        by = self.desk.person("mira")
        with mock.patch.object(promote, "follow"):
            return promote.rollback(self.desk.settings, self.desk.project, by, "it fails").outcome

    def judge(self, gate: str) -> GateResult:
        """Judge the model by one gate, as its developer would."""
        desk = self.desk
        who = desk.person("mira")
        return engine.judge(desk.settings, desk.project, desk.digest, who, names=(gate,))[0]

    def judged_by(self, gate: Callable[..., Any]) -> GateResult:
        """Judge with this in the place of the gate `performance`, and 0.2 s of patience."""
        with (
            mock.patch.object(performance, "judge", gate),
            mock.patch.object(limits.Limits, "number", return_value=0.2),
        ):
            return self.judge("performance")

    def over(self, other: str, *override: str) -> Decision:
        """Promote over another model, under the project's override of a policy if one is given."""
        if override:
            self.tighten(*override)
        self.desk.record(Decision, model=other)
        return self.desk.promote()

    def weighs(self, **changes: Any) -> tuple[bool, str]:
        """Change the rooms' answer, rightly signed: say whether a decision on it counts, and what comes
        of a promotion that is told it."""
        *_, newest_word = self.desk.ledger.all(ControlResult, self.desk.digest)
        said = newest_word.model_copy(update=changes)
        self.desk.ledger.append(said)
        *_, newest = self.desk.ledger.all(Decision, self.desk.digest)
        self.desk.record(Decision, inputs=newest.inputs | {"controls": said.digest})
        try:
            admission.check_decision(self.desk.case)
        except Refused:
            counts = False
        else:
            counts = True
        self.desk.record(Decision, model=OTHER)
        return counts, self.desk.promote(rooms=lambda case: said).outcome

    def tighten(self, text: str, policy: str = "gates") -> None:
        """Write the project's overrides of the gate limits, or of another policy."""
        (self.desk.root / "conf").mkdir(exist_ok=True)
        (self.desk.root / "conf" / f"{policy}.yml").write_text(text)

    def problems(self) -> tuple[str, ...]:
        """Return what `redoubt status` finds wrong."""
        return status.status(self.desk.settings, self.desk.project).problems

    def with_moved_alias(self) -> Trial:
        """Take the registry's alias away by hand."""
        Registry(self.desk.settings, self.desk.project).clear_champion()
        return self

    def with_edited_ledger(self) -> Desk:
        """Change one byte of the first record, as somebody without any key could; give the desk."""
        path = self.desk.ledger.path
        path.write_bytes(path.read_bytes().replace(b'"payload":"', b'"payload":"A', 1))
        return self.desk


class Trials:
    """Each method yields an input and what the denial blames after an attack on that input."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    def __call__(self) -> Trial:
        return Trial(self._desks())

    def removed(self) -> Blamed:
        for name in self().inputs:
            case = self()
            if name in ("signature", "provenance"):
                case.files[name].unlink()
            yield name, case.change(name, lambda record: None)

    def spoilt(self) -> Blamed:
        for name in self().files:
            case = self()
            path = case.files[name]
            data = path.read_bytes()
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
            yield name, case.denied()

    def aged(self) -> Blamed:
        for name in ("approval", *self().gates):
            yield name, self().change(name, older)

    def lent(self) -> Blamed:
        """Let each input speak of another model, of other data or of another tier."""
        updates = [(name, {"model": OTHER}) for name in ("approval", "registration", *self().gates)]
        for name, update in [*updates, ("gate:performance", {"dataset": OTHER}),
                             ("gate:parity-onnx", {"tier": 3}), ("approval", {"tier": 3}), ("approval", {"gates": {}})]:  # fmt: skip
            yield name, self().change(name, methodcaller("model_copy", update=update))


@fact(reads=["platform/src/redoubt/release/**", "platform/src/redoubt/admission.py"])
def trial(desk) -> Trials:
    return Trials(desk)
