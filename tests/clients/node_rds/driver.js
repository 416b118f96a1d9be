// @alicloud/rds20140815: signature V3, action in the headers of a POST, parameters in the query.

'use strict';

const { $OpenApiUtil } = require('@alicloud/openapi-core');
const rds = require('@alicloud/rds20140815');

const { run } = require('../scenarios');

const endpoint = process.argv[2];

class Client {
  constructor(accessKeyId, accessKeySecret) {
    this.client = new rds.default(
      new $OpenApiUtil.Config({ accessKeyId, accessKeySecret, endpoint, protocol: 'http', regionId: 'cn-hangzhou' }),
    );
  }

  async replace(DBInstanceId, securityGroupId) {
    const request = new rds.ModifySecurityGroupConfigurationRequest({ DBInstanceId, securityGroupId });
    const { body } = await this.client.modifySecurityGroupConfiguration(request);
    return [body.DBInstanceName, body.items.ecsSecurityGroupRelation.map((group) => group.securityGroupId)];
  }

  async groups(DBInstanceId) {
    const request = new rds.DescribeSecurityGroupConfigurationRequest({ DBInstanceId });
    const { body } = await this.client.describeSecurityGroupConfiguration(request);
    return body.items.ecsSecurityGroupRelation.map((group) => [
      group.securityGroupId, group.networkType, group.regionId,
    ]);
  }

  async instances(searchKey) {
    const request = new rds.DescribeDBInstancesRequest({ regionId: 'cn-hangzhou', searchKey });
    const { body } = await this.client.describeDBInstances(request);
    const instances = body.items.DBInstance.map((instance) => [
      instance.DBInstanceId, instance.DBInstanceDescription, instance.regionId,
    ]);
    return [body.totalRecordCount, instances];
  }

  async attribute(DBInstanceId) {
    const request = new rds.DescribeDBInstanceAttributeRequest({ DBInstanceId });
    const { body } = await this.client.describeDBInstanceAttribute(request);
    return body.items.DBInstanceAttribute.map((instance) => [
      instance.DBInstanceId, instance.engine, instance.regionId, instance.DBInstanceStorage,
    ]);
  }

  async regions() {
    const { body } = await this.client.describeRegions(new rds.DescribeRegionsRequest({}));
    return body.regions.RDSRegion.map((region) => region.regionId);
  }

  refusal(error) {
    if (error.name !== 'ClientError') throw error;
    return [error.code, error.statusCode, error.requestId];
  }
}

run('node_rds', (keyId, keySecret) => new Client(keyId, keySecret));
