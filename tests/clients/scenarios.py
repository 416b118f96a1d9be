"""What a client must be able to do with the mock; the twin of scenarios.js.

A driver brings a class around its SDK. Its methods make one call each and return plain values:

    Client(key_id, key_secret)
    replace(instance_id, groups)    the instance and group ids of the answer; groups is one comma-separated text or None
    groups(instance_id)             (group id, network type, region) of each group
    instances(search_key)           the total of the answer, and (id, description, region) of each instance
    attribute(instance_id)          (id, engine, region, storage) of each instance
    regions()                       the id of each region
    Refusal, refusal(error)         what the SDK raises, and the (code, HTTP status, request id) in it
"""

import re
import sys

INSTANCE = "rm-uf6wjk5xxxxxx"
KEY_ID = "testid"
KEY_SECRET = "testsecret"
THREE_GROUPS = "sg-c,sg-a,sg-b"
REQUEST_ID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def sets_one_group(connect):
    client = with_no_groups(connect)
    expect(client.replace(INSTANCE, "sg-a"), (INSTANCE, ["sg-a"]))


def reads_it_back(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, "sg-a")
    expect(client.groups(INSTANCE), [("sg-a", "VPC", "cn-hangzhou")])


def replaces_it_with_three_in_order(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, "sg-z")
    expect(client.replace(INSTANCE, THREE_GROUPS), (INSTANCE, ["sg-c", "sg-a", "sg-b"]))
    expect(group_ids(client), ["sg-c", "sg-a", "sg-b"])


def is_refused_a_fourth_and_changes_nothing(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, THREE_GROUPS)
    expect_refusal(client, lambda: client.replace(INSTANCE, "sg-1,sg-2,sg-3,sg-4"),
                   "AssociatedEcsSecurityGroupIdQuotaExceed", 400)
    expect(group_ids(client), ["sg-c", "sg-a", "sg-b"])


def clears_with_an_empty_text(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, THREE_GROUPS)
    expect(client.replace(INSTANCE, ""), (INSTANCE, []))
    expect(client.groups(INSTANCE), [])


def clears_with_the_word_of_terraform(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, THREE_GROUPS)
    expect(client.replace(INSTANCE, "Empty"), (INSTANCE, []))
    expect(client.groups(INSTANCE), [])


def is_refused_without_groups(connect):
    client = with_no_groups(connect)
    client.replace(INSTANCE, "sg-a")
    expect_refusal(client, lambda: client.replace(INSTANCE, None), "MissingParameter", 400)
    expect(group_ids(client), ["sg-a"])


def is_refused_an_unknown_instance(connect):
    client = with_no_groups(connect)
    expect_refusal(client, lambda: client.replace("rm-unknown", "sg-a"), "InvalidDBInstanceId.NotFound", 404)


def is_refused_with_a_wrong_secret(connect):
    client = with_no_groups(connect)
    stranger = connect(KEY_ID, "wrong")
    expect_refusal(stranger, lambda: stranger.replace(INSTANCE, "sg-a"), "IncompleteSignature", 400)
    expect(client.groups(INSTANCE), [])


def is_refused_with_an_unknown_key(connect):
    client = with_no_groups(connect)
    stranger = connect("unknown", KEY_SECRET)
    expect_refusal(stranger, lambda: stranger.replace(INSTANCE, "sg-a"), "InvalidAccessKeyId.NotFound", 404)
    expect(client.groups(INSTANCE), [])


def lists_instances(connect):
    client = with_no_groups(connect)
    expect(client.instances("demo"), (1, [(INSTANCE, "demo", "cn-hangzhou")]))


def reads_the_attributes_of_an_instance(connect):
    client = with_no_groups(connect)
    expect(client.attribute(INSTANCE), [(INSTANCE, "MySQL", "cn-hangzhou", 20)])


def lists_regions(connect):
    client = with_no_groups(connect)
    expect("cn-hangzhou" in client.regions(), True)


def sends_reserved_and_unicode_characters(connect):
    client = with_no_groups(connect)
    expect(client.instances("a b+c*d~e/f=g&h%i'j(k)!lé中"), (0, []))


SCENARIOS = [
    sets_one_group,
    reads_it_back,
    replaces_it_with_three_in_order,
    is_refused_a_fourth_and_changes_nothing,
    clears_with_an_empty_text,
    clears_with_the_word_of_terraform,
    is_refused_without_groups,
    is_refused_an_unknown_instance,
    is_refused_with_a_wrong_secret,
    is_refused_with_an_unknown_key,
    lists_instances,
    reads_the_attributes_of_an_instance,
    lists_regions,
    sends_reserved_and_unicode_characters,
]


def with_no_groups(connect):
    client = connect(KEY_ID, KEY_SECRET)
    client.replace(INSTANCE, "")
    return client


def group_ids(client):
    return [group_id for group_id, _, _ in client.groups(INSTANCE)]


def expect(actual, wanted):
    if actual != wanted:
        raise AssertionError(f"{actual!r} instead of {wanted!r}")


def expect_refusal(client, call, code, status):
    try:
        answer = call()
    except client.Refusal as error:
        actual_code, actual_status, request_id = client.refusal(error)
        expect((actual_code, actual_status), (code, status))
        if not REQUEST_ID.fullmatch(request_id):
            raise AssertionError(f"{request_id!r} is not a request id")
    else:
        raise AssertionError(f"{answer!r} instead of {code}")


def run(name, connect):
    """Runs all scenarios and prints a line for each; the exit status tells whether all passed."""
    failures = 0
    for scenario in SCENARIOS:
        title = scenario.__name__.replace("_", " ")
        try:
            scenario(connect)
            print(f"ok   {name:<13}  {title}", flush=True)
        except Exception as error:  # Whatever it is, the other scenarios still have their say.
            failures += 1
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"FAIL {name:<13}  {title}: {reason}", flush=True)
    sys.exit(1 if failures else 0)
