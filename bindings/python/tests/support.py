"""Real servers and other help for the tests."""

from __future__ import annotations

import inspect
import json
import os
import socket
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

T = TypeVar("T")


async def answer(value: T | Awaitable[T]) -> T:
    """What a call of either client answers."""
    return await value if inspect.isawaitable(value) else value


def emulator(path: str, body: object = None) -> Any:
    """Asks the emulator what only it knows."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    url = f"{os.environ['STYTCH_BASE_URL']}/_emulator/{path}"
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.loads(response.read() or "null")


def token_requests(client_id: str) -> int:
    """How many tokens the emulator was asked for in this client's name."""
    return int(emulator(f"counts?client_id={client_id}")["token"])


def issue(scopes: list[str] | None = None, **changes: object) -> str:
    """A token made to order by the emulator."""
    body = {"client_id": "m2m-client-test-1", "scopes": scopes or [], "changes": changes}
    return str(emulator("tokens", body)["access_token"])


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether the condition comes to hold in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


Answer = tuple[int, dict[str, str], bytes]
"""A status, headers and a body."""


@contextmanager
def serving(respond: Callable[[BaseHTTPRequestHandler, bytes], Answer]) -> Iterator[str]:
    """A server that answers as `respond` says, and its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = respond(self, sent)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def http_server(status: int, content_type: str, body: bytes) -> AbstractContextManager[str]:
    """A server that always gives this answer, and its base URL."""
    return serving(lambda *_: (status, {"Content-Type": content_type}, body))


class SilentServer:
    """A server that takes connections and requests, and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self._closed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        try:
            while connection.recv(65536):
                pass
        except OSError:
            pass
        self._closed += 1

    @property
    def asked(self) -> int:
        """How many connections came."""
        return len(self._connections)

    @property
    def dropped(self) -> int:
        """How many of them the other side has closed."""
        return self._closed

    def close(self) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.close()


@contextmanager
def silent_server() -> Iterator[SilentServer]:
    server = SilentServer()
    try:
        yield server
    finally:
        server.close()


def closed_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])
