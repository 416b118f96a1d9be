'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { createInterface } = require('node:readline');
const { after, before, beforeEach, test } = require('node:test');

const RPCClient = require('@alicloud/pop-core');

const DBInstanceId = 'rm-uf6wjk5xxxxxx';
let server, url, account, client;

// Posts to a route under /_mock/.
async function control(path, body = {}) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/_mock/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${answer.status}: ${await answer.clone().text()}`);
  return answer.json();
}

const setGroups = (SecurityGroupId) =>
  client.request('ModifySecurityGroupConfiguration', { DBInstanceId, SecurityGroupId });

async function groups() {
  const answer = await client.request('DescribeSecurityGroupConfiguration', { DBInstanceId });
  return answer.Items.EcsSecurityGroupRelation.map((group) => group.SecurityGroupId);
}

before(async () => {
  const binary = process.env.RDS_MOCK_BIN ?? 'rds-mock';
  server = spawn(binary, ['--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(server, 'spawn');
  [url] = await once(createInterface(server.stdout), 'line');
});

after(() => server.kill());

// Every test has an account of its own: nothing that other tests do is seen in it.
beforeEach(async () => {
  account = await control('accounts');
  client = new RPCClient({
    accessKeyId: account.AccessKeyId, accessKeySecret: account.AccessKeySecret,
    endpoint: url, apiVersion: '2014-08-15',
  });
});

test('a change whose answer got lost can be retried', async () => {
  const action = 'ModifySecurityGroupConfiguration';
  await control(`faults?account=${account.AccountId}`, {
    action, strike: { first: 1 }, phase: 'after', error: { code: 'ServiceUnavailable' },
  });

  await assert.rejects(setGroups('sg-1,sg-2'), { code: 'ServiceUnavailable' });
  assert.deepEqual(await groups(), ['sg-1', 'sg-2']); // the call failed, and the change was made all the same

  await setGroups('sg-1,sg-2');
  assert.deepEqual(await groups(), ['sg-1', 'sg-2']);
  await control(`verify?account=${account.AccountId}`, { action, times: { exactly: 2 } });
});

test('another test has another account', async () => {
  assert.deepEqual(await groups(), []);
});
