"""The command line of keys, identity and release."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from redoubt.project import Project
    from redoubt.records import Decision
    from redoubt.release.status import Status
    from redoubt.settings import Settings

Digest = Annotated[
    str | None,
    typer.Argument(help="Digest of the model or a unique beginning; the newest if left out."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free port.")]


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("keys")(keys)
    issuer = typer.Typer(no_args_is_help=True, help="The development identity provider.")
    issuer.command("start")(issuer_start)
    app.add_typer(issuer, name="issuer")
    app.command("login")(login)
    app.command("register")(register_model)
    app.command("approve")(approve)
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    app.command("status")(status)


def keys() -> None:
    """Create the development keys and trust anchors (existing ones are kept)."""
    from redoubt import settings
    from redoubt.release import keys as made

    for path in made.create(settings.load()):
        typer.echo(path)


def issuer_start(port: Port = 0) -> None:
    """Run the development issuer on loopback until it is stopped (Ctrl-C)."""
    from redoubt import settings
    from redoubt.release.issuer_server import Server

    with Server(settings.load(), port) as server:
        typer.echo(f"development issuer: http://127.0.0.1:{server.server_port} (Ctrl-C stops it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("stopped")


def login(
    name: Annotated[str, typer.Argument(help="A person or program of the issuer.")],
    show: Annotated[bool, typer.Option("--print", help="Print a token; keep who is in.")] = False,
) -> None:
    """Sign in at the development issuer and keep the token in var/issuer/token."""
    from redoubt import settings
    from redoubt.release import issuer_server

    if show:
        typer.echo(issuer_server.patient_token(settings.load(), name))
        return
    found = issuer_server.login(settings.load(), name)
    until = datetime.fromtimestamp(found.expires, UTC)
    typer.echo(f"signed in: {found.subject}")
    typer.echo(f"roles:     {', '.join(sorted(found.roles)) or 'none'}")
    if found.scopes:
        typer.echo(f"scopes:    {' '.join(sorted(found.scopes))}")
    typer.echo(f"until:     {until:%Y-%m-%d %H:%M} UTC")


def register_model(digest: Digest = None) -> None:
    """Scan, sign and register a candidate as a version of the model."""
    from redoubt import choice, digests, identity, project, provenance, settings
    from redoubt.release import register

    env = settings.load()
    chosen = choice.choose(env, digest, "candidates")
    done = register.register(env, project.load(env.root), chosen, identity.acting(env))
    typer.echo(f"registered {digests.short(done.model)} as version {done.version}")
    typer.echo(f"  bundle:     {env.state / 'bundles'}/{done.model.removeprefix('sha256:')}")
    typer.echo("  signature:  OpenSSF model signing, beside the bundle (.sig)")
    typer.echo(f"  provenance: {provenance.LEVEL} (.provenance.json)")
    typer.echo("next: redoubt judge, then redoubt approve as another person")


def approve(
    digest: Digest = None,
    comment: Annotated[str, typer.Option(help="What you reviewed and why it may serve.")] = "",
) -> None:
    """Approve a registered model: as another person than its author, on passing gates."""
    from redoubt import choice, digests, identity, project, settings
    from redoubt.release import approve as stage

    env = settings.load()
    chosen = choice.choose(env, digest, "bundles")
    done = stage.approve(env, project.load(env.root), chosen, identity.acting(env), comment)
    typer.echo(f"{done.by.subject} approved {digests.short(done.model)} (tier {done.tier})")
    typer.echo(f"  until:    {done.expires:%Y-%m-%d %H:%M} UTC")
    for gate, evidence in sorted(done.gates.items()):
        typer.echo(f"  evidence: {gate} {digests.short(evidence)}")
    typer.echo("next, as who may deploy: redoubt judge --gate parity-service, then redoubt promote")


def promote(digest: Digest = None) -> None:
    """Ask every room about a model and decide whether it may serve; signed either way.

    What is promoted already on the same evidence is not decided again.
    """
    from functools import partial

    from redoubt import admission, choice, identity, progress, project, settings
    from redoubt.ledger import Ledger
    from redoubt.proof import candidate
    from redoubt.release import promote as stage
    from redoubt.release import status as state
    from redoubt.release.registry import Registry

    env, told = settings.load(), Told()
    facts, chosen = project.load(env.root), choice.choose(env, digest, "bundles")
    before = admission.promoted(Ledger(env))
    moved = state.reconcile(before, Registry(env, facts).champion())
    # control: GATE-01
    rooms = partial(candidate.ask, say=progress.on_stderr(), explain=told.control)
    done = stage.promote(env, facts, chosen, identity.acting(env), rooms,
                         explain=told.reason)  # fmt: skip
    _conclude(env, facts, done, told, mended=moved if done == before else None)


def rollback(
    reason: Annotated[str, typer.Option(help="Why the present model must not serve.")] = "",
) -> None:
    """Go back to the model that served before the present one."""
    from redoubt import identity, project, settings
    from redoubt.release import promote as stage

    env, told = settings.load(), Told()
    facts = project.load(env.root)
    done = stage.rollback(env, facts, identity.acting(env), reason, explain=told.reason)
    _conclude(env, facts, done, told)


class Told(dict[str, tuple[str, ...]]):
    """What is shown beneath each reason of a denial, by the reason; none of it is recorded."""

    def reason(self, reason: str, remedy: str) -> None:
        """Keep the remedy of a reason."""
        self[reason] = (f"remedy: {remedy}",) if remedy else ()

    def control(self, denial: str, claim: str, remedy: str) -> None:
        """Keep what a room claims and its remedy."""
        self[f"control:{denial}"] = (*([f"claim:  {claim}"] if claim else []), f"remedy: {remedy}")


def _conclude(
    env: Settings, facts: Project, decision: Decision, told: Told,
    mended: tuple[str, ...] | None = None,
) -> None:  # fmt: skip
    """Say what was decided, or with ``mended`` what stood already, and that the registry agrees."""
    from redoubt import digests
    from redoubt.release import status as stage

    name = digests.short(decision.model)
    if mended is None:
        typer.echo(f"{decision.action} {name}: {decision.outcome}")
    else:
        typer.echo(f"{name} is already promoted: decision {digests.short(decision.digest)} of "
                   f"{decision.at:%Y-%m-%d %H:%M} UTC; its evidence is the same")  # fmt: skip
    for problem in mended or ():
        typer.echo(f"  mended: {problem}")
    for reason in decision.reasons:
        typer.echo("\n    ".join([f"  {reason}", *told.get(reason, ())]))
    if decision.outcome != "granted":
        raise typer.Exit(1)
    for weighed, value in sorted(decision.inputs.items()) if mended is None else ():
        typer.echo(f"  weighed: {weighed} {digests.short(value)}")
    if problems := stage.status(env, facts).problems:
        typer.echo("\n".join(f"PROBLEM:  {problem}" for problem in problems))
        raise typer.Exit(1)
    typer.echo("next: redoubt serve; a service that runs serves the model that it loaded until it "
               "is restarted (end it, then `redoubt serve` again)")  # fmt: skip


def status(
    repair: Annotated[bool, typer.Option(help="Let the alias follow the decision again.")] = False,
) -> None:
    """Show what is promoted, until when, and whether the registry agrees; 1 if something is wrong."""
    from redoubt import project, settings
    from redoubt.release import promote as decisions
    from redoubt.release import status as stage

    env = settings.load()
    facts = project.load(env.root)
    if repair:
        decisions.follow(env, facts)
    found = stage.status(env, facts)
    for line in _lines(found):
        typer.echo(line)
    if found.problems:
        raise typer.Exit(1)


def _lines(found: Status) -> list[str]:
    from redoubt import digests

    lines = ["promoted: nothing yet"]
    if found.decision and found.registration:
        lines = [
            f"promoted: {digests.short(found.decision.model)} (version "
            f"{found.registration.version}, tier {found.decision.tier}) "
            f"on {found.decision.at:%Y-%m-%d %H:%M} UTC by {found.decision.by.subject}"
        ]
    if found.approval and found.expires:
        lines.append(f"approved: by {found.approval.by.subject} until {found.expires:%Y-%m-%d}")
    lines += [
        f"gate:     {name} {result.outcome} on {result.at:%Y-%m-%d}"
        for name, result in sorted(found.gates.items())
    ]
    lines.append(f"alias:    {digests.short(found.alias) if found.alias else 'not set'}")
    lines += [f"warning:  {text}" for text in found.warnings]
    return lines + [f"PROBLEM:  {text}" for text in found.problems]
