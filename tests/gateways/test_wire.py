"""The road to a provider: what is asked once, what is asked again, and where it does not lead."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from billing.gateways.wire import MOST_BYTES, Unreachable


@pytest.fixture
def provider():
    """A server that answers what ``answers`` holds, one after another, and keeps what it was asked."""
    asked, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0))))
            status, body, headers = answers.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.do_GET()

        def log_message(self, *arguments):
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    server.asked, server.answers = asked, answers
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def ask(wire, provider, method="GET", **more):
    return wire("status").call(method, f"{provider.url}/v2/x", auth=("kunci-rahasia", ""), **more)


def test_an_answer_comes_as_it_is_whatever_its_status_below_500(provider, wire, exchanges):
    provider.answers.append((404, b'{"status_code": "404"}', {}))
    answer = ask(wire, provider)
    assert (answer.status, answer.data) == (404, {"status_code": "404"})
    assert (exchanges[0].kind, exchanges[0].status, exchanges[0].received) == ("status", 404, b'{"status_code": "404"}')


def test_a_question_is_repeated_and_an_order_is_not(provider, wire):
    provider.answers += [(503, b"", {}), (502, b"", {}), (200, b"{}", {}), (503, b"", {})]
    assert ask(wire, provider).data == {}
    with pytest.raises(Unreachable):
        ask(wire, provider, "POST", json_body={"amount": 1})
    assert [method for method, _path, _body in provider.asked] == ["GET", "GET", "GET", "POST"]


def test_nobody_is_followed_elsewhere_with_our_key(provider, wire):
    provider.answers += [(307, b"", {"Location": f"{provider.url}/lain"}), (200, b"{}", {})]
    with pytest.raises(Unreachable):
        ask(wire, provider, "POST", json_body={})
    assert [path for _method, path, _body in provider.asked] == ["/v2/x"]


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": ', b"[" * 100_000, b'{"a": "' + b"a" * MOST_BYTES + b'"}'])
def test_what_is_no_document_is_no_answer_and_kept_up_to_a_length(provider, wire, exchanges, body):
    provider.answers.append((200, body, {}))
    with pytest.raises(Unreachable):
        ask(wire, provider)
    assert exchanges[0].received == body[:MOST_BYTES]


def test_where_nobody_answers_it_says_so_and_keeps_that(wire, exchanges):
    with pytest.raises(Unreachable):
        wire("status").call("GET", "http://127.0.0.1:9/", auth=("kunci-rahasia", ""))
    assert (exchanges[0].status, exchanges[0].error) == (None, "ConnectionError")


def test_the_surroundings_do_not_redirect_it(provider, wire, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login lain password lain\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    provider.answers.append((200, b"{}", {}))
    assert ask(wire, provider).data == {}
