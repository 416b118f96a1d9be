// What a client must be able to do with the mock; the twin of scenarios.py.
//
// A driver brings a class around its SDK. Its methods make one call each and return plain values:
//
//     new Client(keyId, keySecret)
//     replace(instanceId, groups)    the instance and group ids of the answer; groups is one comma-separated text or undefined
//     groups(instanceId)             [group id, network type, region] of each group
//     instances(searchKey)           the total of the answer, and [id, description, region] of each instance
//     attribute(instanceId)          [id, engine, region, storage] of each instance
//     regions()                      the id of each region
//     refusal(error)                 the [code, HTTP status, request id] in what the SDK throws for a refusal

'use strict';

const { isDeepStrictEqual } = require('util');

const INSTANCE = 'rm-uf6wjk5xxxxxx';
const KEY_ID = 'testid';
const KEY_SECRET = 'testsecret';
const THREE_GROUPS = 'sg-c,sg-a,sg-b';
const REQUEST_ID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

const SCENARIOS = {
  async 'sets one group'(connect) {
    const client = await withNoGroups(connect);
    expect(await client.replace(INSTANCE, 'sg-a'), [INSTANCE, ['sg-a']]);
  },

  async 'reads it back'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, 'sg-a');
    expect(await client.groups(INSTANCE), [['sg-a', 'VPC', 'cn-hangzhou']]);
  },

  async 'replaces it with three in order'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, 'sg-z');
    expect(await client.replace(INSTANCE, THREE_GROUPS), [INSTANCE, ['sg-c', 'sg-a', 'sg-b']]);
    expect(await groupIds(client), ['sg-c', 'sg-a', 'sg-b']);
  },

  async 'is refused a fourth and changes nothing'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, THREE_GROUPS);
    const call = client.replace(INSTANCE, 'sg-1,sg-2,sg-3,sg-4');
    await expectRefusal(client, call, 'AssociatedEcsSecurityGroupIdQuotaExceed', 400);
    expect(await groupIds(client), ['sg-c', 'sg-a', 'sg-b']);
  },

  async 'clears with an empty text'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, THREE_GROUPS);
    expect(await client.replace(INSTANCE, ''), [INSTANCE, []]);
    expect(await client.groups(INSTANCE), []);
  },

  async 'clears with the word of terraform'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, THREE_GROUPS);
    expect(await client.replace(INSTANCE, 'Empty'), [INSTANCE, []]);
    expect(await client.groups(INSTANCE), []);
  },

  async 'is refused without groups'(connect) {
    const client = await withNoGroups(connect);
    await client.replace(INSTANCE, 'sg-a');
    await expectRefusal(client, client.replace(INSTANCE, undefined), 'MissingParameter', 400);
    expect(await groupIds(client), ['sg-a']);
  },

  async 'is refused an unknown instance'(connect) {
    const client = await withNoGroups(connect);
    await expectRefusal(client, client.replace('rm-unknown', 'sg-a'), 'InvalidDBInstanceId.NotFound', 404);
  },

  async 'is refused with a wrong secret'(connect) {
    const client = await withNoGroups(connect);
    const stranger = connect(KEY_ID, 'wrong');
    await expectRefusal(stranger, stranger.replace(INSTANCE, 'sg-a'), 'IncompleteSignature', 400);
    expect(await client.groups(INSTANCE), []);
  },

  async 'is refused with an unknown key'(connect) {
    const client = await withNoGroups(connect);
    const stranger = connect('unknown', KEY_SECRET);
    await expectRefusal(stranger, stranger.replace(INSTANCE, 'sg-a'), 'InvalidAccessKeyId.NotFound', 404);
    expect(await client.groups(INSTANCE), []);
  },

  async 'lists instances'(connect) {
    const client = await withNoGroups(connect);
    expect(await client.instances('demo'), [1, [[INSTANCE, 'demo', 'cn-hangzhou']]]);
  },

  async 'reads the attributes of an instance'(connect) {
    const client = await withNoGroups(connect);
    expect(await client.attribute(INSTANCE), [[INSTANCE, 'MySQL', 'cn-hangzhou', 20]]);
  },

  async 'lists regions'(connect) {
    const client = await withNoGroups(connect);
    expect((await client.regions()).includes('cn-hangzhou'), true);
  },

  async 'sends reserved and unicode characters'(connect) {
    const client = await withNoGroups(connect);
    expect(await client.instances("a b+c*d~e/f=g&h%i'j(k)!lé中"), [0, []]);
  },
};

async function withNoGroups(connect) {
  const client = connect(KEY_ID, KEY_SECRET);
  await client.replace(INSTANCE, '');
  return client;
}

async function groupIds(client) {
  return (await client.groups(INSTANCE)).map(([groupId]) => groupId);
}

function expect(actual, wanted) {
  if (!isDeepStrictEqual(actual, wanted)) {
    throw new Error(`${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`);
  }
}

async function expectRefusal(client, call, code, status) {
  const [answer, error] = await call.then((answer) => [answer], (error) => [undefined, error]);
  if (error === undefined) throw new Error(`${JSON.stringify(answer)} instead of ${code}`);
  const [actualCode, actualStatus, requestId] = client.refusal(error);
  expect([actualCode, actualStatus], [code, status]);
  if (!REQUEST_ID.test(requestId)) throw new Error(`${requestId} is not a request id`);
}

/** Runs all scenarios and prints a line for each; the exit status tells whether all passed. */
async function run(name, connect) {
  // Node ends with 0 when a promise is never settled; only the last line below may say that all is well.
  const before = process.exitCode ?? 0;
  process.exitCode = 1;
  let failures = 0;
  for (const [title, scenario] of Object.entries(SCENARIOS)) {
    try {
      await scenario(connect);
      console.log(`ok   ${name.padEnd(13)}  ${title}`);
    } catch (error) {
      failures += 1;
      const reason = `${error.name}: ${error.message}`.replace(/\s+/g, ' ');
      console.log(`FAIL ${name.padEnd(13)}  ${title}: ${reason}`);
    }
  }
  process.exitCode = failures ? 1 : before;
}

module.exports = { run };
