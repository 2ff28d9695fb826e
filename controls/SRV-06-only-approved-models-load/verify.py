"""Proves SRV-06: the service starts on the promoted model, whole and approved, and on nothing else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from redoubt import admission
from redoubt.ledger import Ledger
from redoubt.proof import proves
from redoubt.settings import Settings

HOUR = timedelta(hours=1)
EXPIRED = ["gauge", "approval_expired"]


def refused(starts: Callable[..., tuple[int | None, bool, str]], how: str, why: str) -> None:
    assert starts("nothing")[:2] == (None, True)
    code, was_ready, output = starts(how)
    assert (code, was_ready) == (1, False)
    assert why in output


@proves("SRV-06.1")
def test_the_promoted_model_is_served_and_its_digest_shown(service):
    promoted = admission.promoted(Ledger(Settings(root=service.root)))
    assert promoted is not None
    said = service.get("/v1/model", service.token("loan-app")).json()
    assert (said["model"], said["tier"], said["state"]) == (promoted.model, 1, "promoted")
    assert said["approved_by"] == "ada"


@proves("SRV-06.2")
@pytest.mark.parametrize("how", ["unsigned", "signed_by_a_fresh_key"])
def test_a_bundle_that_no_trusted_key_signed_stops_the_start(starts, how):
    refused(starts, how, "No trusted key signed the files")


@proves("SRV-06.3")
@pytest.mark.parametrize("who", ["of_the_author", "of_who_registered"])
def test_an_approval_of_who_made_the_model_stops_the_start(starts, who):
    refused(starts, f"approval_{who}", "cannot approve it")


@proves("SRV-06.4")
@pytest.mark.parametrize("how", ["expired", "longer_than_the_policy", "of_tomorrow"])
def test_an_approval_that_does_not_count_today_stops_the_start(starts, how):
    refused(starts, f"approval_{how}", "expired on")


@proves("SRV-06.5")
def test_another_tier_stops_the_start(starts):
    refused(starts, "another_tier", "It was trained for tier 1")


@proves("SRV-06.6")
def test_a_flipped_byte_stops_the_start(starts):
    refused(starts, "flipped_byte", "model.onnx does not match the manifest")


@proves("SRV-06.6")
def test_a_swapped_model_stops_the_start(starts):
    refused(starts, "swapped_model", "its digest is")


@proves("SRV-06.7")
def test_a_replayed_old_decision_stops_the_start(starts):
    refused(starts, "old_decision_replayed", "was signed for line")


@proves("SRV-06.7")
def test_a_ledger_cut_back_or_a_decision_on_lent_evidence_stops_the_start(starts):
    for how, why in (
        ("newest_decision_cut_off", "signed checkpoint knows are missing"),
        ("cut_off_without_checkpoint", "checkpoint"),
        ("cut_off_with_the_checkpoint_of_another_chain", "is the checkpoint of"),
        ("decision_that_was_denied", "it does not exist"),
        ("decision_of_a_fresh_key", "decision signature does not verify"),
        ("decision_of_the_key_of_gates", "decision signature does not verify"),
        ("decision_on_lent_evidence", "did not weigh gate"),
        ("decision_without_the_rooms", "did not weigh controls"),
        ("decision_against_the_rooms", "did not weigh controls"),
    ):
        refused(starts, how, why)


@proves("SRV-06.8")
def test_other_code_than_the_models_stops_the_start(starts):
    for what, name in (("feature", "features"), ("schema", "schema"), ("reason", "reasons")):
        refused(starts, f"other_{what}_code", f"{name}.py is not the code")


@proves("SRV-06.9")
def test_a_candidate_is_served_on_loopback_only_and_says_what_it_is(starts, desk, running_out):
    digest = desk().digest
    code, was_ready, output = starts("another_promoted", "--candidate", digest)
    assert (code, was_ready) == (None, True)
    assert '"state": "candidate"' in output
    assert running_out.said_of_a_candidate == "candidate"
    code, was_ready, output = starts("nothing", "--candidate", digest, REDOUBT_HOST="0.0.0.0")
    assert (code, was_ready) == (1, False)


@proves("SRV-06.10")
def test_an_approval_that_expires_under_the_service_flags_and_then_ends_readiness(running_out):
    assert running_out(-HOUR) == (["score", "refer"], True, [])
    assert running_out(HOUR) == (["flag, expired", "refer, expired"], True, EXPIRED)
    assert running_out(25 * HOUR) == ([503, 503], False, [*EXPIRED, "not_ready"])


@proves("SRV-06.11")
def test_its_floors_are_those_of_the_table(floors):
    assert floors.moved("SRV-06") == []
