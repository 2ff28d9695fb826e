"""The fact ``decided``: a released project whose service has made twenty decisions, one a referral."""

import asyncio
import shutil
from pathlib import Path

from redoubt import admission, model
from redoubt import project as projects
from redoubt.identity import Identity
from redoubt.proof import fact
from redoubt.serving import app, loader
from redoubt.serving.sealing import plain_inputs
from redoubt.settings import Settings

DECISIONS, REFERRED = 20, 12


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/policy/roles.yml",
        "platform/src/redoubt/serving/**",
    ]
)
def decided(released: Path, work: Path) -> None:
    shutil.copytree(released, work, dirs_exist_ok=True, symlinks=True)
    settings = Settings(root=work)
    facts, team = projects.load(work), model.load(work)
    digest = loader.wanted(settings, None)
    admitted = admission.admit(settings, facts, digest, candidate=False)
    asyncio.run(_decide(app.assemble(settings, facts, admitted, team)))


async def _decide(parts: app.Parts) -> None:
    caller = Identity("loan-app", "issuer", frozenset(), frozenset({"score"}), 0.0)
    golden = parts.admitted.bundle.golden.inputs
    for index in range(DECISIONS):
        inputs = {name: values[index] for name, values in golden.items()}
        inputs |= {"annual_income": 2e6} if index == REFERRED else {}
        body = b'{"inputs":' + plain_inputs(inputs) + b',"reference":"case-%d"}' % index
        await parts.decider.decide(body, caller)
    await parts.log.aclose()
