"""Asks for one page again and again from a process of its own, over the loopback only, a bounded number of times.

``python -m tests.benchmarks.load PORT PATH COOKIE REQUESTS VISITORS`` prints JSON: seconds, bytes, and each answer's time.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection


def visit(port: int, path: str, cookie: str, requests: int) -> tuple[list[float], int]:
    """One visitor who asks, waits for the answer, and asks again: the times in milliseconds, and one answer's bytes."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Accept-Language": "id"} if cookie else {"Accept-Language": "id"}
    times, size = [], 0
    for _request in range(requests):
        begun = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
    return times, size


def main() -> None:
    port, path, cookie, requests, visitors = sys.argv[1:]
    begun = time.perf_counter()
    with ThreadPoolExecutor(int(visitors)) as pool:
        each = int(requests) // int(visitors)
        runs = list(pool.map(lambda _visitor: visit(int(port), path, cookie, each), range(int(visitors))))
    seconds = time.perf_counter() - begun
    times = [one for run, _size in runs for one in run]
    sys.stdout.write(json.dumps({"seconds": seconds, "bytes": runs[0][1], "times": times}))


if __name__ == "__main__":
    main()
