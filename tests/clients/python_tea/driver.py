"""alibabacloud_rds20140815: signature V3, action in the headers of a POST, parameters in the query."""

import sys

from alibabacloud_rds20140815 import models
from alibabacloud_rds20140815.client import Client as RdsClient
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

import scenarios

ENDPOINT = sys.argv[1]


class Client:
    Refusal = ClientException

    def __init__(self, key_id, key_secret):
        self.client = RdsClient(
            Config(access_key_id=key_id, access_key_secret=key_secret, endpoint=ENDPOINT, protocol="http")
        )

    def replace(self, instance_id, groups):
        request = models.ModifySecurityGroupConfigurationRequest(dbinstance_id=instance_id, security_group_id=groups)
        body = self.client.modify_security_group_configuration(request).body
        return body.dbinstance_name, [group.security_group_id for group in body.items.ecs_security_group_relation]

    def groups(self, instance_id):
        request = models.DescribeSecurityGroupConfigurationRequest(dbinstance_id=instance_id)
        body = self.client.describe_security_group_configuration(request).body
        return [
            (group.security_group_id, group.network_type, group.region_id)
            for group in body.items.ecs_security_group_relation
        ]

    def instances(self, search_key):
        request = models.DescribeDBInstancesRequest(region_id="cn-hangzhou", search_key=search_key)
        body = self.client.describe_dbinstances(request).body
        return body.total_record_count, [
            (instance.dbinstance_id, instance.dbinstance_description, instance.region_id)
            for instance in body.items.dbinstance
        ]

    def attribute(self, instance_id):
        request = models.DescribeDBInstanceAttributeRequest(dbinstance_id=instance_id)
        body = self.client.describe_dbinstance_attribute(request).body
        return [
            (instance.dbinstance_id, instance.engine, instance.region_id, instance.dbinstance_storage)
            for instance in body.items.dbinstance_attribute
        ]

    def regions(self):
        body = self.client.describe_regions(models.DescribeRegionsRequest()).body
        return [region.region_id for region in body.regions.rdsregion]

    @staticmethod
    def refusal(error):
        return error.code, error.status_code, error.request_id


scenarios.run("python_tea", Client)
