"""`redoubt preflight`: what stands in the way of a plan, found before Terraform meets it.

Each line says what is so and, where it is not as it must be, the remedy. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from redoubt.errors import RedoubtError, Unavailable
from redoubt.infra import planning, terraform

State = Literal["ok", "note", "missing"]
# service, quota code, what it is, how many the default composition takes
QUOTAS = (
    ("vpc", "L-F678F1CE", "VPCs in the region", 1),
    ("vpc", "L-29B6F2EB", "interface endpoints in the VPC", 14),
    ("fargate", "L-3032A538", "Fargate vCPUs", 8),
)


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``missing`` makes the exit code 3, ``note`` does not."""

    name: str
    state: State
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Case:
    """One environment of one project, and how AWS is asked."""

    root: Path
    environment: str
    answers: dict[str, Any]
    client: Callable[[str], Any]


def examine(root: Path, environment: str) -> Iterator[Finding]:
    """Give one finding after the other; without credentials the account is not looked at."""
    yield from _tools()
    answers = planning.answers(root)
    yield from _answers(root, environment)
    case = Case(root, environment, answers, _clients(str(answers["region"])))
    account = _account(case)
    yield account
    if account.state == "ok":
        for check in (_organisation, _zones, _quotas, _state):
            yield from _asked(check, case)


def _clients(region: str) -> Callable[[str], Any]:
    """Return what makes AWS clients that give up soon. Raises Unavailable without boto3."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise Unavailable(
            "boto3 is not installed here.",
            remedy="run it in the work environment: `ci/run` makes it",
        ) from error
    config = Config(
        region_name=region, connect_timeout=5, read_timeout=10, retries={"max_attempts": 2}
    )
    session = boto3.Session()  # the shared one would keep the credentials of before
    return lambda name: session.client(name, config=config)


def _tools() -> Iterator[Finding]:
    try:
        yield Finding("terraform", "ok", str(terraform.binary()))
        found = terraform.mirror()
    except RedoubtError as error:
        yield Finding("terraform", "missing", error.message, error.remedy)
        return
    if found:
        yield Finding("provider", "ok", f"from the mirror {found}")
    else:
        yield Finding("provider", "note", "in no mirror here: Terraform asks its registry",
                      f"with no internet, fill a mirror and name it in {terraform.MIRROR}")  # fmt: skip


def _answers(root: Path, environment: str) -> Iterator[Finding]:
    """Yield every answer that is not the bank's yet, and the lines of values that are not, at once."""
    try:
        refused = list(planning.left(root, environment))
        lines = [str(number) for number, _, _ in planning.marks(root, environment)]
        planning.require_own(root, environment)
    except RedoubtError as error:
        yield Finding("answers", "missing", error.message, error.remedy)
        return
    for refusal in refused:
        yield Finding("answers", "missing", refusal.message, refusal.remedy)
    if lines:
        yield Finding("values", "missing", f"infra/environments/{environment}.tfvars holds placeholders "
                      f"in lines {', '.join(lines)}", "give the bank's own values there")  # fmt: skip
    if not (refused or lines):
        yield Finding("answers", "ok", "no placeholder is left")


def _account(case: Case) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError

    wanted = case.answers["accounts"][case.environment]
    try:
        found = case.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return Finding("credentials", "missing", f"AWS does not know you: {_words(error)}",
                       "sign in through your identity provider, for instance `aws sso login`")  # fmt: skip
    if found["Account"] != wanted:
        return Finding(
            "account", "missing", f"you are in {found['Account']}, and {case.environment} is {wanted}",
            "take the credentials of that account, or correct the answer with `copier update`",
        )  # fmt: skip
    return Finding("account", "ok", f"{wanted} as {found['Arn'].rpartition(':')[2]}")


def _asked(check: Callable[[Case], Iterator[Finding]], case: Case) -> Iterator[Finding]:
    """Run a check; what AWS refuses to tell is a note, because only the plan needs it to be so."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from check(case)
    except (BotoCoreError, ClientError) as error:
        name = check.__name__.strip("_")
        yield Finding(name, "note", f"not known: {_words(error)}",
                      "ask who administers the account, or give this role the right to read it")  # fmt: skip


def _organisation(case: Case) -> Iterator[Finding]:
    found = case.client("organizations").describe_organization()["Organization"]["Id"]
    wanted = case.answers["organisation_id"]
    if found == wanted:
        yield Finding("organisation", "ok", found)
    else:
        yield Finding("organisation", "missing", f"the account is in {found}, the answer is {wanted}",
                      "correct the answer: endpoints would refuse your own people")  # fmt: skip


def _zones(case: Case) -> Iterator[Finding]:
    found = case.client("ec2").describe_availability_zones()["AvailabilityZones"]
    names = sorted(zone["ZoneName"] for zone in found if zone["State"] == "available")
    if len(names) >= 3:
        yield Finding("zones", "ok", ", ".join(names))
    else:
        yield Finding("zones", "missing", f"only {', '.join(names) or 'no zone'} in this region",
                      "choose a region in which this account has three zones")  # fmt: skip


def _quotas(case: Case) -> Iterator[Finding]:
    client = case.client("service-quotas")
    for service, code, what, needed in QUOTAS:
        value = client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]
        if value >= needed:
            yield Finding("quota", "ok", f"{value:.0f} {what}")
        else:
            yield Finding("quota", "missing", f"{value:.0f} {what}, and {needed} are needed",
                          f"ask for more: quota {code} of {service}")  # fmt: skip


def _state(case: Case) -> Iterator[Finding]:
    path = case.root / "infra" / "environments" / f"{case.environment}.s3.tfbackend"
    remedy = f"run `redoubt bootstrap {case.environment}`"
    if not path.is_file():
        yield Finding("state", "missing", f"{path.name} is not there", remedy)
        return
    bucket = next((line.partition("=")[2].strip(' "') for line in path.read_text().splitlines()
                   if line.startswith("bucket")), "")  # fmt: skip
    with suppress(case.client("s3").exceptions.ClientError):
        case.client("s3").head_bucket(Bucket=bucket)
        yield Finding("state", "ok", bucket)
        return
    yield Finding("state", "missing", f"bucket {bucket!r} is not there or not yours", remedy)


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
