"""The fact ``incidents``: events as CloudTrail writes them, by the alarm that each must raise.

Of every alarm of the platform: the control that it speaks of, how many events it takes, some that
must raise it, and some like them that must not. ``ORDINARY`` events of a working day raise nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redoubt.infra.separation import account, begins
from redoubt.proof import fact

Event = dict[str, Any]
PERSON = {"type": "AssumedRole", "arn": "arn:aws:sts::777788889999:assumed-role/someone/mira"}
USER = {"type": "IAMUser", "userName": "mira"}
ROOT = {"type": "Root", "arn": "arn:aws:iam::777788889999:root"}


def call(source: str, name: str, *, read: bool = False, **more: Any) -> Event:
    """Return the record of one call to an AWS service."""
    return {
        "eventVersion": "1.11", "eventSource": f"{source}.amazonaws.com", "eventName": name,
        "eventType": "AwsApiCall", "readOnly": read, "userIdentity": PERSON,
    } | more  # fmt: skip


def calls(source: str, *names: str) -> list[Event]:
    return [call(source, name) for name in names]


def looks(source: str, *names: str) -> list[Event]:
    return [call(source, name, read=True) for name in names]


def sign_in(who: Event, mfa: str, result: str = "Success", **more: Any) -> Event:
    """Return the record of a sign-in to the console."""
    return call("signin", "ConsoleLogin", eventType="AwsConsoleSignIn", userIdentity=who,
                additionalEventData={"MFAUsed": mfa}, responseElements={"ConsoleLogin": result}, **more)  # fmt: skip


@dataclass(frozen=True)
class Incident:
    """What one alarm is for: its control, events that raise it after ``times``, and near misses."""

    control: str
    raises: list[Event]
    near: list[Event]
    times: int = 1


FAILED = sign_in(USER, "No", "Failure", errorMessage="Failed authentication")
TABLE = {
    "unauthorised-calls": Incident(
        "MON-05",
        [call("ec2", "RunInstances", errorCode="Client.UnauthorizedOperation"),
         call("s3", "GetObject", read=True, errorCode="AccessDenied"),
         call("kms", "Decrypt", read=True, errorCode="AccessDeniedException")],
        [call("ec2", "RunInstances", errorCode="Client.RequestLimitExceeded"), call("s3", "PutObject")],
        times=10,
    ),
    "sign-in-without-mfa": Incident(
        "IAM-04", [sign_in(USER, "No")], [sign_in(USER, "Yes"), sign_in(PERSON, "No"), FAILED]
    ),
    "root-use": Incident(
        "IAM-01", [call("iam", "CreateAccessKey", userIdentity=ROOT), sign_in(ROOT, "Yes")],
        [call("s3", "PutObject", userIdentity=ROOT | {"invokedBy": "backup.amazonaws.com"}),
         call("kms", "RotateKey", userIdentity=ROOT, eventType="AwsServiceEvent"),
         call("iam", "CreateAccessKey")],
    ),
    "iam-changes": Incident(
        "IAM-01",
        calls("iam", "AttachRolePolicy", "CreateOpenIDConnectProvider", "DeleteRolePermissionsBoundary",
              "DetachRolePolicy", "PutRolePolicy", "SetDefaultPolicyVersion", "AddUserToGroup",
              "UpdateAssumeRolePolicy", "DeactivateMFADevice", "UploadSSHPublicKey",
              "RemoveClientIDFromOpenIDConnectProvider"),
        [*looks("iam", "GetRole", "ListRoles", "SimulatePrincipalPolicy"), *calls("eks", "CreateCluster")],
    ),
    "trail-changes": Incident(
        "MON-02",
        calls("cloudtrail", "StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors",
              "PutInsightSelectors"),
        looks("cloudtrail", "GetTrailStatus", "LookupEvents", "DescribeTrails"),
    ),
    "sign-in-failures": Incident("MON-05", [FAILED], [sign_in(USER, "Yes")], times=5),
    "key-withdrawal": Incident(
        "SEC-05", calls("kms", "DisableKey", "ScheduleKeyDeletion"),
        [*looks("kms", "DescribeKey", "Decrypt"), *calls("kms", "CancelKeyDeletion"), *calls("iot", "DisableKey")],
    ),
    "bucket-policy-changes": Incident(
        "SEC-04",
        calls("s3", "PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle", "DeleteBucket",
              "PutBucketVersioning", "PutBucketObjectLockConfiguration", "DeleteBucketEncryption",
              "PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock"),
        [*calls("s3", "PutObject", "DeleteObject"), *looks("s3", "GetBucketPolicy", "GetBucketPublicAccessBlock")],
    ),
    "config-changes": Incident(
        "MON-06",
        calls("config", "StopConfigurationRecorder", "DeleteConfigurationRecorder", "DeleteConfigRule",
              "PutConfigRule", "DeleteDeliveryChannel", "PutConfigurationRecorder"),
        [*looks("config", "DescribeConfigRules"), *calls("config", "PutEvaluations", "StartConfigRulesEvaluation")],
    ),
    "security-group-changes": Incident(
        "NET-03",
        calls("ec2", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup",
              "DeleteSecurityGroup", "ModifySecurityGroupRules", "AuthorizeSecurityGroupEgress"),
        looks("ec2", "DescribeSecurityGroups", "DescribeSecurityGroupRules"),
    ),
    "network-acl-changes": Incident(
        "NET-03",
        calls("ec2", "CreateNetworkAclEntry", "DeleteNetworkAcl", "ReplaceNetworkAclAssociation",
              "ReplaceNetworkAclEntry"),
        looks("ec2", "DescribeNetworkAcls"),
    ),
    "gateway-changes": Incident(
        "NET-01",
        calls("ec2", "CreateInternetGateway", "AttachInternetGateway", "CreateNatGateway", "AttachVpnGateway",
              "CreateEgressOnlyInternetGateway", "CreateTransitGatewayVpcAttachment", "CreateVpnConnection"),
        [*looks("ec2", "DescribeInternetGateways", "DescribeNatGateways"), *calls("storagegateway", "ActivateGateway")],
    ),
    "route-changes": Incident(
        "NET-01", calls("ec2", "CreateRoute", "ReplaceRoute", "DeleteRoute", "AssociateRouteTable",
                        "ReplaceRouteTableAssociation", "CreateRouteTable"),
        [*looks("ec2", "DescribeRouteTables"), *calls("appmesh", "CreateRoute")],
    ),
    "vpc-changes": Incident(
        "NET-01", calls("ec2", "CreateVpc", "CreateVpcPeeringConnection", "AcceptVpcPeeringConnection",
                        "DeleteVpcEndpoints", "ModifyVpcEndpoint", "ModifyVpcAttribute", "DeleteFlowLogs"),
        looks("ec2", "DescribeVpcs", "DescribeVpcEndpoints", "DescribeVpcPeeringConnections"),
    ),
    "organisation-changes": Incident(
        "IAM-01", calls("organizations", "LeaveOrganization", "DetachPolicy"),
        looks("organizations", "DescribeOrganization"),
    ),
    "detection-changes": Incident(
        "MON-05", calls("guardduty", "DeleteDetector", "UpdateDetector", "CreateFilter", "CreateIPSet",
                        "DisassociateFromAdministratorAccount"),
        [*looks("guardduty", "GetFindings"), *calls("guardduty", "ArchiveFindings")],
    ),
    "alarm-changes": Incident(
        "MON-06",
        [*calls("monitoring", "DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"),
         *calls("logs", "DeleteMetricFilter", "PutMetricFilter"),
         *calls("events", "DisableRule", "DeleteRule", "RemoveTargets", "PutRule"),
         *calls("sns", "Unsubscribe", "DeleteTopic", "SetTopicAttributes", "SetSubscriptionAttributes")],
        [*looks("monitoring", "DescribeAlarms"), *looks("logs", "DescribeMetricFilters"),
         *calls("logs", "CreateLogStream"), *calls("events", "PutEvents"), *calls("sns", "Publish")],
    ),
}  # fmt: skip
ORDINARY = [
    call("ecs", "RunTask"), call("s3", "PutObject"), call("kms", "GenerateDataKey", read=True),
    call("sts", "AssumeRole", read=True, requestParameters={"roleArn": "arn:aws:iam::777788889999:role/x"}),
    call("ecr", "BatchGetImage", read=True), call("logs", "CreateLogStream"), sign_in(PERSON, "Yes"),
]  # fmt: skip


# What may drift, by the control that is then broken: the identifiers of AWS's rules that find it.
DRIFT = {
    "DAT-02": {"S3_BUCKET_VERSIONING_ENABLED"},
    "IAM-01": {"IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", "IAM_ROOT_ACCESS_KEY_CHECK", "IAM_USER_NO_POLICIES_CHECK"},
    "IAM-04": {"ACCESS_KEYS_ROTATED"},
    "IR-04": {"BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"},
    "MON-02": {"CLOUD_TRAIL_ENCRYPTION_ENABLED", "CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED",
               "MULTI_REGION_CLOUD_TRAIL_ENABLED", "VPC_FLOW_LOGS_ENABLED"},
    "MON-05": {"GUARDDUTY_ENABLED_CENTRALIZED"},
    "NET-01": {"RDS_INSTANCE_PUBLIC_ACCESS_CHECK", "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED"},
    "NET-03": {"VPC_DEFAULT_SECURITY_GROUP_CLOSED"},
    "NET-04": {"S3_BUCKET_SSL_REQUESTS_ONLY"},
    "SEC-04": {"CLOUDWATCH_LOG_GROUP_ENCRYPTED", "RDS_STORAGE_ENCRYPTED", "S3_DEFAULT_ENCRYPTION_KMS"},
    "SEC-05": {"CMK_BACKING_KEY_ROTATION_ENABLED", "KMS_CMK_NOT_SCHEDULED_FOR_DELETION"},
    "SRV-07": {"ECS_CONTAINERS_NONPRIVILEGED", "ECS_CONTAINERS_READONLY_ACCESS"},
    "SUP-02": {"ECR_PRIVATE_IMAGE_SCANNING_ENABLED"},
    "SUP-04": {"ECR_PRIVATE_TAG_IMMUTABILITY_ENABLED"},
}  # fmt: skip
# What a filter may ask: any other field, such as who called or from where, leaves somebody out.
FIELDS = {
    "$.additionalEventData.MFAUsed", "$.errorCode", "$.errorMessage", "$.eventName", "$.eventSource", "$.eventType",
    "$.readOnly", "$.requestParameters.roleArn", "$.responseElements.ConsoleLogin", "$.userIdentity.invokedBy",
    "$.userIdentity.type",
}  # fmt: skip


class Incidents(dict[str, Incident]):
    """The table by alarm; what raises nothing; the rules that find what drifted; what filters ask."""

    ordinary, drift, fields = ORDINARY, DRIFT, FIELDS


@fact(reads=[])
def incidents(planned: Any) -> Incidents:
    role = f"arn:aws:iam::{account(planned)}:role/{begins(planned, planned.environment)}"
    taken = [
        call("sts", name, read=True, requestParameters={"roleArn": f"{role}break-glass"})
        for name in ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
    ]
    other = call("sts", "AssumeRole", read=True, requestParameters={"roleArn": f"{role}auditor"})
    return Incidents(TABLE | {"break-glass-use": Incident("IAM-05", taken, [other])})
