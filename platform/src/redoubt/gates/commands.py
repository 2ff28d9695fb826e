"""The command line of the gates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from redoubt.gates.candidate import Service
    from redoubt.records import GateResult, Limit, Metric
    from redoubt.settings import Settings

Digest = Annotated[
    str | None,
    typer.Argument(help="Digest of the model or a unique beginning; the newest if left out."),
]
Gates = Annotated[
    list[str] | None,
    typer.Option(
        "--gate",
        help="A gate by name, several times for several; if left out, those without --url.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(help="A running service; if left out, one is started for parity-service."),
]
Authority = Annotated[
    Path | None, typer.Option(help="CA of that service; if left out, this project's own.")
]
TokenFile = Annotated[
    Path | None, typer.Option(help="File with a caller's token; development makes one.")
]
CALLER = "loan-app"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Running:
    """Which service to judge, as the command line says; ``wanted``: a chosen gate needs one."""

    url: str | None
    ca: Path | None
    token_file: Path | None
    wanted: bool


def register(app: typer.Typer) -> None:
    """Add this stage's commands."""
    app.command("judge")(judge)


def judge(
    digest: Digest = None, gate: Gates = None, url: Url = None, ca: Authority = None,
    token_file: TokenFile = None,
) -> None:  # fmt: skip
    """Judge a model by its gates; exit 1 when one denies."""
    from redoubt import identity, progress, project, settings
    from redoubt.gates import engine

    found = settings.load()
    facts, by = project.load(found.root), identity.acting(found)
    chosen, tell = _model(found, digest), progress.on_stderr()
    wanted = bool(engine.NEEDS_SERVICE & set(gate or ()))
    if wanted and url is None:
        tell("starting the candidate's service")
    with _service(found, chosen, Running(url, ca, token_file, wanted)) as service:
        results = engine.judge(
            found, facts, chosen, by, names=gate or None, service=service,
            tell=tell,
        )  # fmt: skip
    typer.echo(f"model {chosen}, tier {facts.tier}")
    for result in results:
        typer.echo("\n".join(report(result)))
    if engine.denied(results):
        raise typer.Exit(1)


def _model(settings: Settings, digest: str | None) -> str:
    """Return the chosen model: of the candidates on this machine, or else of the registered ones."""
    from redoubt import choice
    from redoubt.errors import RedoubtError

    try:
        return choice.choose(settings, digest, "candidates")
    except RedoubtError:
        return choice.choose(settings, digest, "bundles")


@contextmanager
def _service(settings: Settings, digest: str, running: Running) -> Iterator[Service | None]:
    """Give the service to judge: the one at a URL, one started for this, or none if not needed."""
    from redoubt.gates.candidate import Service

    if running.url is not None:
        trust = running.ca or settings.state / "tls" / "ca.pem"
        yield Service(running.url, _token(settings, running.token_file), trust)
    elif running.wanted:
        with started(settings, digest) as service:
            yield service
    else:
        yield None


@contextmanager
def started(settings: Settings, digest: str) -> Iterator[Service]:
    """Run the candidate as ``redoubt serve --candidate`` would, for the length of the block.

    Raises Unavailable with the end of the child's log when it does not come up.
    """
    from functools import partial

    from redoubt.gates.candidate import Service
    from redoubt.release import issuer
    from redoubt.serving import handle

    mint = partial(issuer.mint, settings)
    with handle.running(settings, mint, candidate=digest, seconds=START_SECONDS) as child:
        yield Service(child.url, mint(CALLER), child.ca)


def _token(settings: Settings, token_file: Path | None) -> str:
    from redoubt.errors import BadInput
    from redoubt.release import issuer

    if token_file is None:
        return issuer.mint(settings, CALLER)
    try:
        return token_file.read_text().strip()
    except OSError as error:
        raise BadInput(f"{token_file} cannot be read: {error.strerror}.",
                       remedy="give a file that holds a caller's token") from error  # fmt: skip


def report(result: GateResult) -> Iterator[str]:
    """Yield the lines that a person reads of one result: measure, bounds, limit, verdict."""
    from redoubt import limits

    yield f"\n{result.gate}: {result.outcome.upper()}"
    if result.measured:
        yield f"  {'measure':<38}{'value':>10}  {'95 % interval':<22}{'limit':<12}"
    for name, metric in sorted(result.measured.items()):
        limit = result.limits.get(name)
        broken = limit is not None and not limits.holds(limit, metric)
        yield (
            f"  {name:<38}{_number(metric.value):>10}  {_interval(metric):<22}{_bound(limit):<12}"
            + ("DENIED" if broken else "")
        )
    if any(limit.source == "override" for limit in result.limits.values()):
        yield "  * this project's own limit, of conf/gates.yml"
    yield from (f"  because: {reason}" for reason in result.reasons)


def _interval(metric: Metric) -> str:
    if metric.low == metric.high:
        return f"exact, n={metric.n}"
    return f"{_number(metric.low)} to {_number(metric.high)}"


def _bound(limit: Limit | None) -> str:
    if limit is None:
        return ""
    mark = "*" if limit.source == "override" else ""
    return f"{'>=' if limit.direction == 'min' else '<='} {_number(limit.value)}{mark}"


def _number(value: float) -> str:
    return f"{value:.4g}"
