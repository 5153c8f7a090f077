"""A mail server for tests: one thread, one port, and it refuses what it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GREETING = b"220 test mail server\r\n"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(GREETING)
        while line := self.rfile.readline():
            command = line.decode().strip()
            self.wfile.write(self._answer(command))
            if command.upper() == "QUIT":
                return

    def _answer(self, command: str) -> bytes:
        verb = command[:4].upper()
        if verb == "RCPT":
            return self.server.refusals.get(command.partition("<")[2].rstrip(">"), "250 OK").encode() + b"\r\n"
        if verb == "DATA":
            self.wfile.write(b"354 go on\r\n")
            self.server.received.append(self._message())
        return b"221 bye\r\n" if verb == "QUIT" else b"250 OK\r\n"

    def _message(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.decode())
        return "".join(lines)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, refusals: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.refusals = refusals
        self.received: list[str] = []


@contextmanager
def running(port: int, refusals: dict[str, str] | None = None) -> Iterator[Server]:
    with Server(port, refusals or {}) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
