import pytest
from alibabacloud_rds20140815 import models
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

INSTANCE = "rm-uf6wjk5xxxxxx"


def set_groups(rds, groups):
    request = models.ModifySecurityGroupConfigurationRequest(dbinstance_id=INSTANCE, security_group_id=groups)
    rds.client.modify_security_group_configuration(request)


def groups(rds):
    request = models.DescribeSecurityGroupConfigurationRequest(dbinstance_id=INSTANCE)
    answer = rds.client.describe_security_group_configuration(request)
    return [group.security_group_id for group in answer.body.items.ecs_security_group_relation]


def test_a_change_whose_answer_got_lost_can_be_retried(rds):
    rds.plan(action="ModifySecurityGroupConfiguration", strike={"first": 1}, phase="after",
             error={"code": "ServiceUnavailable"})

    with pytest.raises(AlibabaCloudException) as failure:
        set_groups(rds, "sg-1,sg-2")
    assert failure.value.code == "ServiceUnavailable"
    assert groups(rds) == ["sg-1", "sg-2"]  # the call failed, and the change was made all the same

    set_groups(rds, "sg-1,sg-2")
    assert groups(rds) == ["sg-1", "sg-2"]
    rds.verify("ModifySecurityGroupConfiguration", exactly=2)


def test_another_test_has_another_account(rds):
    assert groups(rds) == []
