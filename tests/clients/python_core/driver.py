"""aliyun-python-sdk-rds: signature V1, all parameters in the query of a POST. It has no models of the answers."""

import json
import sys

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkrds.request.v20140815.DescribeDBInstanceAttributeRequest import DescribeDBInstanceAttributeRequest
from aliyunsdkrds.request.v20140815.DescribeDBInstancesRequest import DescribeDBInstancesRequest
from aliyunsdkrds.request.v20140815.DescribeRegionsRequest import DescribeRegionsRequest
from aliyunsdkrds.request.v20140815.DescribeSecurityGroupConfigurationRequest import (
    DescribeSecurityGroupConfigurationRequest,
)
from aliyunsdkrds.request.v20140815.ModifySecurityGroupConfigurationRequest import (
    ModifySecurityGroupConfigurationRequest,
)

import scenarios

ENDPOINT = sys.argv[1]


class Client:
    # Also for a wrong secret: only the code SignatureDoesNotMatch, which RDS does not use, would become
    # InvalidAccessKeySecret.
    Refusal = ServerException

    def __init__(self, key_id, key_secret):
        self.client = AcsClient(key_id, key_secret, "cn-hangzhou")
        self.client.add_endpoint("cn-hangzhou", "Rds", ENDPOINT)

    def replace(self, instance_id, groups):
        request = ModifySecurityGroupConfigurationRequest()
        request.set_DBInstanceId(instance_id)
        if groups is not None:
            request.set_SecurityGroupId(groups)
        answer = self.call(request)
        return answer["DBInstanceName"], [
            group["SecurityGroupId"] for group in answer["Items"]["EcsSecurityGroupRelation"]
        ]

    def groups(self, instance_id):
        request = DescribeSecurityGroupConfigurationRequest()
        request.set_DBInstanceId(instance_id)
        return [
            (group["SecurityGroupId"], group["NetworkType"], group["RegionId"])
            for group in self.call(request)["Items"]["EcsSecurityGroupRelation"]
        ]

    def instances(self, search_key):
        request = DescribeDBInstancesRequest()
        request.set_SearchKey(search_key)
        answer = self.call(request)
        return answer["TotalRecordCount"], [
            (instance["DBInstanceId"], instance["DBInstanceDescription"], instance["RegionId"])
            for instance in answer["Items"]["DBInstance"]
        ]

    def attribute(self, instance_id):
        request = DescribeDBInstanceAttributeRequest()
        request.set_DBInstanceId(instance_id)
        return [
            (instance["DBInstanceId"], instance["Engine"], instance["RegionId"], instance["DBInstanceStorage"])
            for instance in self.call(request)["Items"]["DBInstanceAttribute"]
        ]

    def regions(self):
        return [region["RegionId"] for region in self.call(DescribeRegionsRequest())["Regions"]["RDSRegion"]]

    def call(self, request):
        return json.loads(self.client.do_action_with_exception(request))

    @staticmethod
    def refusal(error):
        return error.get_error_code(), error.get_http_status(), error.get_request_id()


scenarios.run("python_core", Client)
