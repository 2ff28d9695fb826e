"""``redoubt score FILE``: the promoted model over a CSV or Parquet file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from redoubt.serving.batch import Progress
    from redoubt.serving.loader import Loaded
    from redoubt.settings import Settings

EVERY_SECONDS = 2.0


def register_batch(app: typer.Typer) -> None:
    """Add ``redoubt score``."""
    app.command("score")(score)


def score(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: the inputs, and a `reference`.")],
    out: Annotated[Path | None, typer.Option(help="Default: FILE.scored.csv or .parquet.")] = None,
) -> None:
    """Score a file: the promoted model, the service's guard, reasons and log; all rows or no output."""  # fmt: skip
    from redoubt import project
    from redoubt import settings as configuration
    from redoubt.serving import tables
    from redoubt.serving.batch import BATCHES, Batch
    from redoubt.serving.core import Core
    from redoubt.serving.decision_log import DecisionLog
    from redoubt.serving.decision_record import Recorder
    from redoubt.serving.policy import load as load_policy

    settings = configuration.load()
    final = out or file.with_suffix(f".scored{tables.suffix(file)}")
    caller = _caller(settings)
    loaded = _admitted(settings)
    bundle = loaded.admitted.bundle
    tier = bundle.manifest.tier
    places = project.load(settings.root).jurisdictions
    core = Core(bundle, loaded.team.features, load_policy(settings.root, tier, places))
    recorder = Recorder.of(settings, bundle.digest, tier, places)
    log = DecisionLog.of(settings, BATCHES)
    try:
        done = Batch(core, recorder, log, caller).run(file, final, _progress())
    finally:
        log.close()
    actions = ", ".join(f"{n:,} {action}" for action, n in sorted(done.actions.items()))
    typer.echo(f"{final}: {done.decided:,} decisions ({actions}); batch {done.batch}")
    if done.unfit:
        typer.echo(f"{done.unfit:,} rows do not fit the contract: see column `error`", err=True)


# control: IAM-02
def _caller(settings: Settings) -> str:
    """Return who scores: a service with the scope, or a person whose role may score."""
    from redoubt import identity

    who = identity.acting(settings)
    if "score" not in who.scopes:
        identity.duties(settings.root).require(who, "score")
    return who.subject


# control: SRV-06
def _admitted(settings: Settings) -> Loaded:
    """Return the promoted model by the checks of the service's own start; nothing else scores."""
    from redoubt import admission, model, project
    from redoubt.serving import loader

    facts = project.load(settings.root)
    digest = loader.wanted(settings, None)
    signature = admission.signature_check(settings, digest)
    admitted = admission.admit(settings, facts, digest, candidate=False, signature=signature)
    team = model.load(settings.root)
    loader.check_code(admitted, team)
    return loader.Loaded(admitted, team)


def _progress() -> Progress:
    said = [time.monotonic()]

    def progress(rows: int) -> None:
        if time.monotonic() - said[0] >= EVERY_SECONDS:
            said[0] = time.monotonic()
            typer.echo(f"  {rows:,} rows scored", err=True)

    return progress
