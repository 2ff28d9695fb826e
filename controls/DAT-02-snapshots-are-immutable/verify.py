"""Proves DAT-02: training data are named by their hash, hashed again at use, and kept under a lock."""

from redoubt import datasets
from redoubt.infra.buckets import Bucket, buckets, doubled
from redoubt.infra.reading import Plan
from redoubt.infra.rights import granted, refused
from redoubt.infra.statements import principals
from redoubt.proof import proves
from redoubt.records import Run

DESTROY = "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"
UNLOCK = (
    "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration",
)  # fmt: skip
UNLOCK_ONE = "s3:BypassGovernanceRetention", "s3:PutObjectLegalHold", "s3:PutObjectRetention"


def trusted(plan: Plan) -> Bucket:
    """Return the bucket of snapshots."""
    (found,) = (one for name, one in buckets(plan).items() if "-trusted-" in name)
    return found


@proves("DAT-02.1")
def test_a_snapshot_is_named_by_the_hash_over_the_hashes_of_its_files(altered):
    one = altered()
    assert sorted(one.files) == [datasets.DATA, datasets.PROTECTED]
    assert one.lineage.dataset == one.root_hash() == f"sha256:{one.folder.name}"
    others = [datasets.name(files) for _, files in one.others()]
    assert others == [one.root_hash(files) for _, files in one.others()]
    assert len({one.lineage.dataset, *others}) == 7


@proves("DAT-02.2")
def test_the_hash_stands_in_the_signed_run_in_the_bundle_and_in_mlflow(trainer, altered):
    one, root = trainer(), altered().root_hash()
    recorded = [run.dataset for run in one.ledger.all(Run) if run.digest == one.run.digest]
    assert [*recorded, one.run.dataset] == [root, root]
    assert one.told.data.tags["redoubt.dataset"] == root
    told = one.told.inputs and [item.dataset.digest for item in one.told.inputs.dataset_inputs]
    assert told == [root.removeprefix("sha256:")[:32]]


@proves("DAT-02.3")
def test_a_run_hashes_its_snapshot_again_and_refuses_any_other_byte(altered):
    one = altered()
    assert one.start() == "begun"
    for what, files in one.others():
        one.lay(files)
        assert "was changed after it was recorded" in one.start(), what
    one.lay(one.files)
    assert one.start() == "begun"


@proves("DAT-02.4")
def test_the_bytes_that_were_hashed_are_the_bytes_that_are_used(altered):
    assert altered().exchanged_behind_the_check() is True


@proves("DAT-02.5")
def test_the_bucket_of_snapshots_is_versioned_and_locked_as_long_as_the_table_says(planned):
    found = trusted(planned)
    days = planned.raw["variables"]["retention"]["value"]["trusted"]
    assert found.lock() in (("COMPLIANCE", days), ("GOVERNANCE", days))
    assert found.part("versioning")["versioning_configuration"][0]["status"] == "Enabled"
    (made,) = (b for b in planned.of("aws_s3_bucket") if b.values["bucket"] == found.name)
    assert made.values["object_lock_enabled"] is True
    assert [life for life, _ in found.lives() if life < days] == []
    assert doubled(planned) == []


@proves("DAT-02.6")
def test_the_bucket_refuses_everybody_to_lift_a_lock_and_no_role_may_change_it(planned):
    found = trusted(planned)
    bucket = f"arn:aws:s3:::{found.name}"
    everybody = [s for s in found.statements() if principals(s) == ["*"]]
    assert refused(everybody, "s3:BypassGovernanceRetention", f"{bucket}/a")
    own = {item.address: item.policy() for item in planned.of("aws_iam_role_policy")}
    assert [address for address, statements in own.items() if not statements] == []
    deeds = [(a, bucket) for a in UNLOCK] + [(a, f"{bucket}/a") for a in UNLOCK_ONE]
    assert [(who, d) for who, s in own.items() for d in deeds if granted(s, *d)] == []


@proves("DAT-02.7")
def test_training_reads_snapshots_and_can_neither_overwrite_nor_delete_one(planned):
    place = f"arn:aws:s3:::{trusted(planned).name}/a"
    own = [s for p in planned.of("aws_iam_role_policy") if p.values["role"].endswith("-trainer") for s in p.policy()]  # fmt: skip
    assert granted(own, "s3:GetObject", place)
    assert [action for action in DESTROY if granted(own, action, place)] == []
