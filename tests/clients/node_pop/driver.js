// @alicloud/pop-core: signature V1, all parameters in the query of a GET or in the body of a POST. It has no models.

'use strict';

const PopClient = require('@alicloud/pop-core');

const { run } = require('../scenarios');

const endpoint = process.argv[2];

class Client {
  constructor(method, accessKeyId, accessKeySecret) {
    this.client = new PopClient({
      accessKeyId,
      accessKeySecret,
      endpoint: `http://${endpoint}`,
      apiVersion: '2014-08-15',
      opts: { method },
    });
  }

  async replace(DBInstanceId, SecurityGroupId) {
    // Given as undefined, it would be sent as that word.
    const groups = SecurityGroupId === undefined ? {} : { SecurityGroupId };
    const answer = await this.client.request('ModifySecurityGroupConfiguration', { DBInstanceId, ...groups });
    return [answer.DBInstanceName, answer.Items.EcsSecurityGroupRelation.map((group) => group.SecurityGroupId)];
  }

  async groups(DBInstanceId) {
    const answer = await this.client.request('DescribeSecurityGroupConfiguration', { DBInstanceId });
    return answer.Items.EcsSecurityGroupRelation.map((group) => [
      group.SecurityGroupId, group.NetworkType, group.RegionId,
    ]);
  }

  async instances(SearchKey) {
    const answer = await this.client.request('DescribeDBInstances', { RegionId: 'cn-hangzhou', SearchKey });
    const instances = answer.Items.DBInstance.map((instance) => [
      instance.DBInstanceId, instance.DBInstanceDescription, instance.RegionId,
    ]);
    return [answer.TotalRecordCount, instances];
  }

  async attribute(DBInstanceId) {
    const answer = await this.client.request('DescribeDBInstanceAttribute', { DBInstanceId });
    return answer.Items.DBInstanceAttribute.map((instance) => [
      instance.DBInstanceId, instance.Engine, instance.RegionId, instance.DBInstanceStorage,
    ]);
  }

  async regions() {
    const answer = await this.client.request('DescribeRegions');
    return answer.Regions.RDSRegion.map((region) => region.RegionId);
  }

  refusal(error) {
    if (error.name !== `${error.code}Error`) throw error;
    return [error.code, error.entry.response.statusCode, error.data.RequestId];
  }
}

async function main() {
  await run('node_pop_get', (keyId, keySecret) => new Client('GET', keyId, keySecret));
  await run('node_pop_post', (keyId, keySecret) => new Client('POST', keyId, keySecret));
}

main();
