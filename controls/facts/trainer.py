"""The fact ``trainer``: opens a private copy of ``trained``, to read its run or to forge another."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from mlflow.entities import Run as Told

from redoubt import bundle, choice, digests, project, run_record, runstore
from redoubt.admission import Case
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.records import Manifest, Run, Splits
from redoubt.release import issuer, promote, register
from redoubt.settings import Settings

OTHER = "sha256:" + "5" * 64
FORGERIES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"dataset": ""}, "dataset is ''"),
    ({"dataset": OTHER}, "its lineage is of another dataset"),
    ({"lineage": OTHER}, "its lineage is not on the ledger"),
    ({"splits": OTHER}, "its splits are not on the ledger"),
    ({"parameters": {}}, "no parameters"),
    ({"metrics": {}}, "no out-of-sample metric of the model"),
    ({"challenger": {}}, "no out-of-time metric of the challenger"),
    ({"tracking": ""}, "no tracking store"),
)
# part of the record, what stands in it instead, and how the sentence about it begins
LACKING: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("", {"run_id": ""}, "no run id"),
    ("author", {"subject": ""}, "no author"),
    ("author", {"roles": ()}, "no author's roles"),
    ("code", {"tree": ""}, "code tree is ''"),
    ("code", {"commit": "main", "basis": "git"}, "commit is 'main'"),
    ("code", {"basis": "git"}, "its basis is 'git' and its commit None"),
    ("environment", {"packages": run_record.NOTHING}, "packages is"),
    ("environment", {"python": ""}, "no Python version"),
    ("environment", {"image": "latest"}, "image is 'latest'"),
)


class Trainer:
    """One trained candidate: its signed record, what MLflow tells, and a way to register it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.project = project.load(root)
        self.digest = choice.choose(self.settings, None, "candidates")
        self.folder = self.settings.state / "candidates" / bundle.name(self.digest)
        self.run = bundle.load(self.folder).run

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.settings)

    @property
    def client(self) -> Any:
        return runstore.client(self.settings)

    @property
    def told(self) -> Told:
        """Return the run as MLflow has it."""
        found: Told = self.client.get_run(self.run.run_id)
        return found

    def artefacts(self) -> dict[str, str]:
        """Return name -> digest of every file that MLflow keeps for the run."""
        place = Path(self.client.download_artifacts(self.run.run_id, ""))
        return digests.tree(place / "bundle", [p for p in place.rglob("*") if p.is_file()])

    def problems(self, run: Run, settings: Settings | None = None) -> list[str]:
        """Return what a record lacks, judged with these settings."""
        return run_record.problems(run, settings or self.settings, self.ledger)

    def forgeries(self) -> Iterator[tuple[dict[str, Any], str]]:
        """Yield what to change in the record, and the words of the refusal to expect."""
        yield from FORGERIES
        environment = self.run.environment.model_copy(update={"lock": run_record.NOTHING})
        yield {"environment": environment}, "lock is"

    def code(self, **changes: Any) -> Run:
        """Return the record with another state of the code."""
        return self.changed("code", changes)

    def lacking(self) -> Iterator[tuple[list[str], str]]:
        """Yield what is said of a record in which one field lacks, and how it must begin."""
        for part, changes, words in LACKING:
            yield self.problems(self.changed(part, changes)), words
        earlier = self.run.at - timedelta(days=1)
        yield self.problems(self.changed("", {"at": earlier})), "its splits are of another"
        forged = self.ledger.newest(Splits)
        assert forged is not None
        forged = forged.model_copy(update={"dataset": OTHER})
        self.ledger.append(forged)
        yield (
            self.problems(self.changed("", {"splits": forged.digest})),
            "its splits are of another",
        )

    def changed(self, part: str, changes: dict[str, Any]) -> Run:
        """Return the record with fields of a part of it changed; "" is the record itself."""
        if part:
            changes = {part: getattr(self.run, part).model_copy(update=changes)}
        return self.run.model_copy(update=changes)

    def may_serve(self, run: Run, settings: Settings) -> bool:
        """Say whether promotion lets the code pass that a record tells of."""
        case = Case(settings, self.project, self.digest)
        case.bundle = replace(bundle.load(self.folder), run=run)
        try:
            promote.check_code(case)
        except RedoubtError:
            return False
        return True

    def forge(self, *, kept: bool = True, **changes: Any) -> str:
        """Sign a changed record, tell MLflow the same, and bundle it; return the new digest.

        Without ``kept`` the ledger does not know it.
        """
        run = self.run.model_copy(update=changes)
        if kept:
            self.ledger.append(run)
        for name, value in run_record.tags(run).items():
            self.client.set_tag(run.run_id, name, value)
        contents = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        old = Manifest.model_validate(json.loads(contents.pop(bundle.MANIFEST)))
        contents["run.json"] = run.canonical()
        named = {name: digests.digest(data) for name, data in contents.items()}
        manifest = old.model_copy(update={"run": run.digest, "files": named})
        folder = self.folder.parent / bundle.name(manifest.digest)
        folder.mkdir()
        return bundle.write(folder, manifest, contents)

    def register(self, digest: str) -> tuple[int, str]:
        """Register a candidate; return the exit code and words, as the command line would."""
        by = issuer.identity(self.settings, "mira")
        try:
            register.register(self.settings, self.project, digest, by)
        except RedoubtError as error:
            return error.exit_code, error.message
        return 0, "registered"


@fact(reads=["platform/src/redoubt/release/register.py", "platform/src/redoubt/run_record.py"])
def trainer(trained: Path, copy_of: Callable[[Path], Path]) -> Callable[[], Trainer]:
    return lambda: Trainer(copy_of(trained))
