"""``python -m tests.providers --port 8001 --shop http://localhost:8000``: both fake providers for a shop on this machine."""

import argparse
import http.client
import json
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.providers import running
from tests.providers.notices import Notify
from tests.providers.server import HOST, environment

NOTIFY_SECONDS = 15


def main() -> int:
    arguments = _parser().parse_args()
    if arguments.environment:
        print(json.dumps(environment(f"http://{HOST}:{arguments.port}")))
        return 0
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_received: stopped.set())
    try:
        with running(by_http(arguments.shop), port=arguments.port, kept_in=arguments.keep, background=True):
            stopped.wait()
    except OSError as error:
        print(f"The simulator of payment providers cannot use port {arguments.port}: {error}", file=sys.stderr)
        return 1
    return 0


def by_http(shop: str) -> Notify:
    """Notifications go to the shop at this address; a redirect is an answer, not a way to go."""
    parts = urlsplit(shop)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{shop!r} is no http:// address")

    def notify(path: str, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=NOTIFY_SECONDS)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    return notify


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.providers", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--shop", default="http://localhost:8000", help="where notifications go")
    parser.add_argument("--environment", action="store_true", help="say the shop's settings as JSON, and end")
    parser.add_argument("--keep", type=Path, help="a file in which open payments outlive a restart")
    return parser


if __name__ == "__main__":
    sys.exit(main())
