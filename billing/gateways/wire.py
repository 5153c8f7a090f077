"""Speaking HTTP with a payment provider: bounded in time, tried again where that is harmless, every exchange kept raw."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

CONNECT_SECONDS = 3
READ_SECONDS = 10
# A POST is sent again only where it never arrived; a GET also where its answer was lost or was a passing failure.
_RETRY = Retry(
    total=2, backoff_factor=0.3, status_forcelist=(502, 503, 504), allowed_methods={"GET"}, raise_on_status=False
)
_PASSING = {408, 425, 429}
# More than any documented answer.
MOST_BYTES = 256 * 1024


class Unreachable(Exception):
    """No usable answer: a time-out, no connection, a failure at the provider. Asking again may help."""


@dataclass(frozen=True)
class Answer:
    """The provider's answer, read as JSON."""

    status: int
    data: Any


@dataclass(frozen=True)
class Exchange:
    """One call as it went over the wire, without its headers: keys and tokens stand there."""

    kind: str
    url: str
    sent: bytes
    received: bytes = b""
    status: int | None = None
    error: str = ""


@dataclass
class Wire:
    """The road to a provider for one act (``kind``); every exchange is given to ``keep``, also one that failed."""

    kind: str
    keep: Callable[[Exchange], None]
    read_seconds: float = READ_SECONDS
    _session: requests.Session = field(default_factory=requests.Session, init=False)

    def __post_init__(self) -> None:
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_RETRY))
        # No proxy, no .netrc: what the settings name is what is called.
        self._session.trust_env = False

    def call(
        self,
        method: str,
        url: str,
        *,
        auth: tuple[str, str],
        json_body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask, and return the answer whatever its status below 500. Raises ``Unreachable``."""
        sent = b"" if json_body is None else json.dumps(json_body).encode()
        said = {
            "Accept": "application/json",
            **({"Content-Type": "application/json"} if sent else {}),
            **(headers or {}),
        }
        try:
            response = self._session.request(
                method,
                url,
                auth=auth,
                data=sent or None,
                params=params,
                headers=said,
                timeout=(CONNECT_SECONDS, self.read_seconds),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.keep(Exchange(self.kind, url, sent, error=type(error).__name__))
            raise Unreachable(type(error).__name__) from error
        received = response.content[:MOST_BYTES]
        self.keep(Exchange(self.kind, url, sent, received, response.status_code))
        if response.status_code >= 500 or response.status_code in _PASSING:
            raise Unreachable(f"HTTP {response.status_code}")
        try:
            return Answer(response.status_code, json.loads(received))
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"HTTP {response.status_code}, no JSON") from error
