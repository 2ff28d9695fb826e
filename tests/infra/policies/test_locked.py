"""The lock of the snapshots' bucket, as it is planned, on the AWS emulator.

The emulator lets a retention be shortened, which AWS refuses; that is judged in the plan alone (DAT-02).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from redoubt.infra.buckets import buckets
from redoubt.infra.reading import Plan

pytestmark = pytest.mark.slow
HERE = {"LocationConstraint": "eu-central-1"}


@pytest.mark.parametrize("locked", [True, False])
def test_a_version_under_the_planned_lock_outlives_deletion_and_overwriting(
    emulator: Any, readable: Callable[[str], dict[str, Any]], locked: bool
) -> None:
    found = buckets(Plan("production", readable("production")))
    (lock,) = {one.lock() for name, one in found.items() if "-trusted-" in name}
    assert lock
    s3, name = emulator.client("s3"), f"snapshots-{locked}".lower()
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=locked, CreateBucketConfiguration=HERE)
    if locked:
        rule = {"DefaultRetention": {"Mode": lock[0], "Days": lock[1]}}
        kept = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=kept)
    else:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=name, Key="data.parquet", Body=b"first")["VersionId"]
    s3.put_object(Bucket=name, Key="data.parquet", Body=b"second")
    one = {"Bucket": name, "Key": "data.parquet", "VersionId": first}
    if locked:
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(**one)
        assert s3.get_object(**one)["Body"].read() == b"first"
    else:
        s3.delete_object(**one)
        with pytest.raises(ClientError, match=r"NoSuchVersion|NoSuchKey"):
            s3.get_object(**one)
