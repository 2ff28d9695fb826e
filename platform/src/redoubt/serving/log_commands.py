"""``redoubt log …``: verify the decision logs and replay what they hold."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from redoubt.settings import Settings

EVERY_SECONDS = 2.0
Name = Annotated[str, typer.Option("--log", help="Which log; one a writer.")]


def register_log(app: typer.Typer) -> None:
    """Add ``redoubt log``."""
    group = typer.Typer(no_args_is_help=True, help="Verify and replay the decision logs.")
    group.command("verify")(verify)
    group.command("replay")(replay)
    app.add_typer(group, name="log")


def verify(
    name: Annotated[str, typer.Option("--log", help="Which log; all by default.")] = "",
) -> None:
    """Verify every line, link and signed checkpoint; point at the first line that does not hold."""  # fmt: skip
    from redoubt import settings as configuration
    from redoubt.errors import Refused, Unavailable

    settings = configuration.load()
    names = [each for each in _names(settings) if name in ("", each)]
    if not names:
        raise Unavailable(f"There is no decision log {name or repr('decisions*')} in {settings.state}.",
                          remedy="serve or score first, or name one with --log")  # fmt: skip
    broken = []
    for each in names:
        try:
            typer.echo(_verified(settings, each))
        except Refused as error:
            broken.append(error)
            typer.echo(f"{each}: BROKEN: {error.message}")
    if broken:
        raise broken[0]


def _names(settings: Settings) -> list[str]:
    """Return the logs that exist, and those of which only the checkpoint is left."""
    folders = {path.name for path in settings.state.glob("decisions*") if path.is_dir()}
    return sorted(folders | {path.stem for path in settings.checkpoints.glob("decisions*.json")})


def _verified(settings: Settings, name: str) -> str:
    from redoubt import chain
    from redoubt.serving import journal
    from redoubt.serving.decision_log import places

    folder, path = places(settings, name)
    checkpoint = chain.read_checkpoint(path, name, settings.trust)
    head, said = chain.Head(), time.monotonic()
    for index, line, _ in journal.verified(folder, checkpoint):
        head = chain.Head(index + 1, chain.line_hash(line))
        if time.monotonic() - said >= EVERY_SECONDS:
            said = time.monotonic()
            typer.echo(f"  {name}: {head.count:,} lines verified", err=True)
    covered = checkpoint.count if checkpoint else 0
    signed = f"signed checkpoint over {covered}" + (f" of {checkpoint.at}" if checkpoint else "")
    return (f"{name}: {head.count} decisions in {len(journal.segments(folder))} segments hold, "
            f"head {head.hash[:12]}; {signed}, {head.count - covered} after it")  # fmt: skip


def replay(
    n: Annotated[int, typer.Argument(min=1, help="How many of the last records.")],
    name: Name = "decisions",
) -> None:
    """Score the last N records again and compare outputs and reasons with what was recorded."""
    from redoubt import chain, digests, project
    from redoubt import settings as configuration
    from redoubt.errors import Refused, Unavailable
    from redoubt.serving import replay as replaying
    from redoubt.serving import scenes
    from redoubt.serving.decision_log import places

    settings = configuration.load()
    folder, path = places(settings, name)
    checkpoint = chain.read_checkpoint(path, name, settings.trust)
    scene_of = scenes.of(settings, project.load(Path(settings.root)))
    done = replaying.replay(folder, checkpoint, n, scene_of)
    if done.difference:
        raise Refused(
            f"{name}: {done.difference} (after {done.replayed} that agree).",
            remedy="find out what changed: the code, the model's files, the runtime or the record",
        )
    if not done.replayed:
        raise Unavailable(f"{name} holds no decision.", remedy="serve or score first")
    models = ", ".join(digests.short(model) for model in done.models)
    typer.echo(f"{name}: {done.replayed} decisions came out as recorded, with model {models}")
