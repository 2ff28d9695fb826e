"""What a complete training run is: the schema that registration asks for, and its MLflow tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from redoubt import digests
from redoubt.errors import Refused
from redoubt.ledger import Ledger
from redoubt.records import CodeState, Lineage, Run, Splits
from redoubt.settings import Settings

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
NOTHING = digests.digest_files({})
# control: TRN-01
JUDGED = ("out_of_sample", "out_of_time")


# control: TRN-01
def problems(run: Run, settings: Settings, ledger: Ledger) -> list[str]:
    """Return what a run record lacks, one sentence each; an empty list means complete."""
    return [*_fields(run), *_code(run.code, settings), *_data(run, ledger)]


# control: TRN-01
def require_complete(run: Run, settings: Settings, ledger: Ledger) -> None:
    """Refuse a run whose record is not complete. Raises Refused naming everything that lacks."""
    found = problems(run, settings, ledger)
    if found:
        raise Refused(f"The run record is not complete: {'; '.join(found)}.",
                      remedy="correct what is named and train again; a record is never amended")  # fmt: skip


# control: TRN-01
def _fields(run: Run) -> Iterator[str]:
    environment = run.environment
    for name, value in (
        ("dataset", run.dataset), ("lineage", run.lineage), ("splits", run.splits),
        ("code tree", run.code.tree), ("packages", environment.packages), ("lock", environment.lock),
    ):  # fmt: skip
        if not DIGEST.fullmatch(value) or value == NOTHING:
            yield f"{name} is {value!r}, not a digest of something"
    if environment.image is not None and not DIGEST.fullmatch(environment.image):
        yield f"image is {environment.image!r}, not a digest"
    for name, filled in (
        ("run id", run.run_id), ("tracking store", run.tracking), ("author", run.author.subject),
        ("author's roles", run.author.roles), ("parameters", run.parameters),
        ("Python version", environment.python),
    ):  # fmt: skip
        if not filled:
            yield f"no {name}"
    yield from _metrics(run)


def _metrics(run: Run) -> Iterator[str]:
    for whose, metrics in (("the model", run.metrics), ("the challenger", run.challenger)):
        for split in JUDGED:
            if not any(name.endswith(split) for name in metrics):
                yield f"no {split.replace('_', '-')} metric of {whose}"


# control: TRN-01
def _code(code: CodeState, settings: Settings) -> Iterator[str]:
    """Outside development the code is a clean commit; in it, whatever it is, it is said."""
    if code.commit is not None and not COMMIT.fullmatch(code.commit):
        yield f"commit is {code.commit!r}"
    if (code.basis == "git") != (code.commit is not None):
        yield f"its basis is {code.basis!r} and its commit {code.commit!r}"
    if settings.development:
        return
    if code.commit is None:
        yield f"the code is in no commit, and this is {settings.environment}"
    elif not code.clean:
        yield f"the tree had changes that no commit holds, and this is {settings.environment}"


# control: TRN-01
def _data(run: Run, ledger: Ledger) -> Iterator[str]:
    """Dataset, lineage and splits are on the ledger, speak of each other, and are older."""
    lineage = {one.digest: one for one in ledger.all(Lineage)}.get(run.lineage)
    if lineage is None:
        yield "its lineage is not on the ledger"
    elif lineage.dataset != run.dataset:
        yield "its lineage is of another dataset"
    splits = {one.digest: one for one in ledger.all(Splits)}.get(run.splits)
    if splits is None:
        yield "its splits are not on the ledger"
    elif splits.dataset != run.dataset or splits.locked > run.at:
        yield "its splits are of another dataset or were locked after the run"


# control: TRN-01
def tags(run: Run) -> dict[str, str]:
    """Return the MLflow tags of a run: what somebody who only sees MLflow must be able to find."""
    code = run.code
    state = "no repository" if code.basis == "tree" else "clean" if code.clean else "dirty"
    found = {
        "mlflow.user": run.author.subject,
        "redoubt.author": run.author.subject,
        "redoubt.commit": code.commit or "none",
        "redoubt.tree": code.tree,
        "redoubt.tree_state": state,
        "redoubt.dataset": run.dataset,
        "redoubt.lineage": run.lineage,
        "redoubt.splits": run.splits,
        "redoubt.environment": digests.digest_of(run.environment.model_dump(mode="json")),
        "redoubt.lock": run.environment.lock,
        "redoubt.image": run.environment.image or "none",
        "redoubt.seed": str(run.seed),
        "redoubt.tier": str(run.tier),
        "redoubt.profile": run.profile,
        "redoubt.run": run.digest,
    }
    return found | ({"mlflow.source.git.commit": code.commit} if code.commit else {})


# control: TRN-01
def tag_problems(run: Run, found: Mapping[str, str]) -> list[str]:
    """Return where the tags that MLflow holds are missing or differ from the signed record."""
    return [
        f"tag {name} is {found.get(name)!r}, the record says {value!r}"
        for name, value in sorted(tags(run).items())
        if found.get(name) != value
    ]
