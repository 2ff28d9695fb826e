"""The fact ``desk``: ``desk()`` gives a private copy of the released state and people to act on it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from redoubt import admission, project
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
