#!/usr/bin/env python3
"""Writes signed calls for wrk, one query string a line: `sign.py COUNT FILE`.

Every call is a POST of ModifySecurityGroupConfiguration with all parameters in the query, its own nonce and a right V1
HMAC-SHA1 signature. Timestamps are the time of writing, so a file is good for 15 minutes, and for one server once:
nonces are not to be used twice.
"""

import base64
import hashlib
import hmac
import os
import sys
import time
from urllib.parse import quote

ACCESS_KEY_ID = "testid"
ACCESS_KEY_SECRET = "testsecret"
# Of one length, so that all answers have one.
SECURITY_GROUPS = ["sg-bp1aaaaaaaaaaaaaaaaa", "sg-bp1bbbbbbbbbbbbbbbbb", "sg-bp1ccccccccccccccccc"]
# Stand in for the nonce until it is known; quote() leaves them alone.
NONCE = "NONCE.GOES.HERE"


def encode(text: str) -> str:
    return quote(text, safe="-_.~")


def templates(security_group: str, timestamp: str) -> tuple[str, str]:
    """The query string without its signature, and the string to sign, both with a place for the nonce."""
    parameters = {
        "AccessKeyId": ACCESS_KEY_ID,
        "Action": "ModifySecurityGroupConfiguration",
        "DBInstanceId": "rm-uf6wjk5xxxxxx",
        "Format": "JSON",
        "RegionId": "cn-hangzhou",
        "SecurityGroupId": security_group,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": NONCE,
        "SignatureVersion": "1.0",
        "Timestamp": timestamp,
        "Version": "2014-08-15",
    }
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(parameters.items()))
    return query, f"POST&%2F&{encode(query)}"


def main() -> None:
    count, path = int(sys.argv[1]), sys.argv[2]
    timestamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    run = os.urandom(8).hex()
    key = f"{ACCESS_KEY_SECRET}&".encode()
    # Split at the nonce once, so that a call costs two joins and an HMAC.
    parts = [
        tuple(template.split(NONCE) for template in templates(group, timestamp)) for group in SECURITY_GROUPS
    ]
    with open(path, "w", encoding="ascii") as out:
        for number in range(count):
            query, string_to_sign = parts[number % len(parts)]
            nonce = f"{run}-{number:09}"
            digest = hmac.digest(key, nonce.join(string_to_sign).encode(), hashlib.sha1)
            signature = encode(base64.b64encode(digest).decode())
            out.write(f"{nonce.join(query)}&Signature={signature}\n")


if __name__ == "__main__":
    main()
