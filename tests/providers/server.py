"""One HTTP server on this machine alone for both fake providers and their pages.

``with running(notify) as providers`` is for tests: what a helper such as ``providers.midtrans.pay(order_id)`` causes is
told to the shop in the calling thread, so that Django's test client sees the test's own database; what the shop's requests
or the pages cause waits for the next helper or for ``providers.deliver()``. With ``background=True`` a thread tells
everything by itself.
"""

import json
import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.providers import transactions, xendit, xendit_book
from tests.providers.midtrans import Midtrans
from tests.providers.notices import Notify
from tests.providers.pages import Pages
from tests.providers.provider import Provider
from tests.providers.web import Answer, Request
from tests.providers.xendit import Xendit

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
BODY_AT_MOST = 1024 * 1024
TICK_SECONDS = 0.3
# Where each provider's documented paths begin.
PREFIXES = (("/midtrans/", "midtrans"), ("/snap/snap/", "midtrans"), ("/xendit/", "xendit"))


class Providers:
    def __init__(self, address: str, notify: Notify, kept_in: Path | None = None) -> None:
        """``kept_in``: a file that a later start reads again; without one nothing outlives the process."""
        self.address = address
        self.stop = threading.Event()
        self._kept_in = kept_in
        self._keeping = threading.Lock()
        arguments = {"notify": notify, "stop": self.stop, "changed": self._changed, "address": address}
        self.midtrans = Midtrans(**arguments)
        self.xendit = Xendit(**arguments)
        self.pages = Pages(self.midtrans, self.xendit)
        self._all: tuple[Provider, ...] = (self.midtrans, self.xendit)
        self._restore()

    def environment(self) -> dict[str, str]:
        """The shop's settings that lead it here."""
        return environment(self.address)

    def answer(self, request: Request) -> Answer | None:
        if request.path == "/switches":
            return self._turn_switches(request)
        if (request.method, request.path) == ("POST", "/deliver"):
            return Answer.json({"answers": self.deliver()})
        if page := self.pages.answer(request):
            self._changed()
            return page
        for prefix, name in PREFIXES:
            if request.path.startswith(prefix):
                return self._by_name(name).answer(_without(prefix, request))
        return Answer.json({"error": "there is nothing here"}, 404)

    def deliver(self) -> list[int]:
        """Send every notification that waits, in this thread. Returns the shop's answers."""
        return [status for provider in self._all for status in provider.deliver()]

    def tell_until_stopped(self) -> None:
        """Expire what is due and tell the shop of everything, again and again; for a thread of its own."""
        while not self.stop.is_set():
            self.stop.wait(TICK_SECONDS)
            for provider in self._all:
                provider.expire_due()
                provider.tell()

    def _by_name(self, name: str) -> Provider:
        return next(provider for provider in self._all if provider.name == name)

    def _turn_switches(self, request: Request) -> Answer:
        """``GET``: how they stand. ``POST``: turn some, ``{"midtrans": {"slow": 3}}``; ``null`` puts all back."""
        if request.method == "POST":
            asked = request.json()
            try:
                for name, values in asked.items():
                    switches = self._by_name(name).switches
                    switches.reset() if values is None else switches.turn(**values)
            except (StopIteration, ValueError, TypeError) as error:
                return Answer.json({"error": str(error) or "there is no such provider"}, 400)
        return Answer.json({provider.name: vars(provider.switches) for provider in self._all})

    def _changed(self) -> None:
        """Called under no provider's lock, or two of them would wait for each other."""
        with self._keeping:
            if self._kept_in is None or not any(provider.is_changed for provider in self._all):
                return
            state = {}
            for provider in self._all:
                with provider.lock:
                    provider.is_changed = False
                    state[provider.name] = provider.state()
            _write(self._kept_in, state)

    def _restore(self) -> None:
        """What an older version kept otherwise, or something else broke, is forgotten and said."""
        if self._kept_in is None or not self._kept_in.exists():
            return
        try:
            kept = json.loads(self._kept_in.read_text(encoding="utf-8"))
            for provider in self._all:
                provider.restore(kept[provider.name])
        except (ValueError, TypeError, KeyError):
            logger.warning("%s cannot be read; its open payments are forgotten.", self._kept_in)


def environment(address: str) -> dict[str, str]:
    """The settings that lead a shop to the providers at this address."""
    return {
        "MIDTRANS_SERVER_KEY": transactions.SERVER_KEY,
        "MIDTRANS_API_URL": f"{address}/midtrans",
        "MIDTRANS_SNAP_URL": f"{address}/snap",
        "XENDIT_SECRET_KEY": xendit.SECRET_KEY,
        "XENDIT_CALLBACK_TOKEN": xendit_book.CALLBACK_TOKEN,
        "XENDIT_API_URL": f"{address}/xendit",
    }


@contextmanager
def running(
    notify: Notify, *, port: int = 0, kept_in: Path | None = None, background: bool = False
) -> Iterator[Providers]:
    """Both providers, answering until the block ends. Raises ``OSError`` where the port is taken; 0 takes a free one."""
    server = ThreadingHTTPServer((HOST, port), _Handler)
    server.daemon_threads = True
    providers = Providers(f"http://{HOST}:{server.server_port}", notify, kept_in)
    server.providers = providers
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)]
    if background:
        threads.append(threading.Thread(target=providers.tell_until_stopped, daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield providers
    finally:
        providers.stop.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Simulator"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def log_message(self, *arguments: Any) -> None:
        """Nothing: the terminal belongs to the shop."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_AT_MOST:
            self.close_connection = True
            return
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)
        answer = self.server.providers.answer(request)
        if answer is None:
            self.close_connection = True
            return
        # A client that gave up waiting is no news here.
        with suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)


def _without(prefix: str, request: Request) -> Request:
    """The request with its documented path: the first part alone is the fake's (`/midtrans/v2/charge` is `/v2/charge`)."""
    path = request.path.removeprefix("/" + prefix.split("/")[1])
    return Request(request.method, path, request.query, request.headers, request.body)


def _write(path: Path, data: dict[str, Any]) -> None:
    """Whole or not at all: a kill in between leaves the last version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False, encoding="utf-8") as file:
        json.dump(data, file)
    Path(file.name).replace(path)
