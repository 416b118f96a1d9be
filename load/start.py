#!/usr/bin/env python3
"""Times the way from starting a server to its first answer: `start.py ROUNDS SERVER...`, a SERVER being a command line.

A round starts every server once, in turn. Timed is all of it: making the process, reading the URL from its output,
connecting, sending one request that needs no signature, reading the head of the answer. After that comes the
memory it then holds (VmRSS), and the server is killed. Prints one line a server: least, median and most.
"""

import os
import shlex
import signal
import socket
import statistics
import sys
import time
from urllib.parse import urlsplit

REQUEST = b"GET /?Action=DescribeRegions&Version=2014-08-15&Format=JSON HTTP/1.1\r\nHost: localhost\r\n\r\n"
# No answer takes this long; a server that hangs must not hang us.
PATIENCE_SECONDS = 10


def start(command: list[str]) -> tuple[float, int]:
    """Milliseconds to the first answer, and KiB of memory after it."""
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_RDWR)
    signal.alarm(PATIENCE_SECONDS)
    begin = time.perf_counter_ns()
    process = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, null, 0),
            (os.POSIX_SPAWN_DUP2, writing, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
        ],
    )
    try:
        url = urlsplit(os.read(reading, 100).decode().strip())
        with socket.create_connection((url.hostname, url.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(REQUEST)
            answer = connection.recv(65536)
            milliseconds = (time.perf_counter_ns() - begin) / 1e6
        if not answer.startswith(b"HTTP/1.1 "):
            raise SystemExit(f"{command[0]} answered {answer!r}")
        with open(f"/proc/{process}/status", encoding="ascii") as status:
            memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        return milliseconds, memory
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        signal.alarm(0)
        for descriptor in (reading, writing, null):
            os.close(descriptor)


def main() -> None:
    rounds = int(sys.argv[1])
    commands = [shlex.split(command) for command in sys.argv[2:]]
    figures: list[list[tuple[float, int]]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, taken in zip(commands, figures):
            taken.append(start(command))
    for command, taken in zip(commands, figures):
        times = sorted(time for time, _ in taken)
        sizes = sorted(size for _, size in taken)
        name = os.path.basename(command[0])
        print(
            f"{name:10} start {times[0]:6.2f} {statistics.median(times):6.2f} {times[-1]:6.2f} ms"
            f"    VmRSS after one answer {sizes[0]:6} {statistics.median(sizes):6.0f} {sizes[-1]:6} KiB"
        )


if __name__ == "__main__":
    main()
