"""Real servers and other help for the tests."""

from __future__ import annotations

import inspect
import json
import os
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

T = TypeVar("T")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Asks this machine, whatever proxy the environment names."""


async def answer(value: T | Awaitable[T]) -> T:
    """What a call of either client answers."""
    return await value if inspect.isawaitable(value) else value


def emulator(path: str, body: object = None) -> Any:
    """Asks the emulator what only it knows."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    url = f"{os.environ['STYTCH_BASE_URL']}/_emulator/{path}"
    request = urllib.request.Request(url, data, headers)
    with DIRECT.open(request, timeout=10) as response:
        return json.loads(response.read() or "null")


def token_requests(client_id: str) -> int:
    """How many tokens the emulator was asked for in this client's name."""
    return int(emulator(f"counts?client_id={client_id}")["token"])


def issue(scopes: list[str] | None = None, **changes: object) -> str:
    """A token made to order by the emulator."""
    body = {"client_id": "m2m-client-test-1", "scopes": scopes or [], "changes": changes}
    return str(emulator("tokens", body)["access_token"])


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
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
def serving(
    respond: Callable[[BaseHTTPRequestHandler, bytes], Answer],
    tls: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """A server that answers as `respond` says, and its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = b"".join(self.body())
            status, headers, body = respond(self, sent)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.linger()

        def linger(self) -> None:
            """Closes no sooner than the other side: what it still sends would reset the connection,
            and take the answer along that it has not read."""
            with suppress(OSError):
                if isinstance(self.connection, ssl.SSLSocket):
                    return
                self.connection.shutdown(socket.SHUT_WR)
                self.connection.settimeout(10)
                while self.rfile.read(65536):
                    pass

        def body(self) -> Iterator[bytes]:
            if self.headers.get("Transfer-Encoding") != "chunked":
                yield self.rfile.read(int(self.headers.get("Content-Length", 0)))
                return
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()

        do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
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
        self.asked = 0
        """How many connections came."""
        self.dropped = 0
        """How many of them the other side has closed."""
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self.asked += 1
                self._run(self._read, connection)

    def _read(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while connection.recv(65536):
                pass
        self.dropped += 1

    def close(self) -> None:
        accepting, *_ = self._threads
        _end(self._listener)
        accepting.join()
        for connection in self._connections:
            _end(connection)
        for thread in self._threads:
            thread.join()


def _end(connection: socket.socket) -> None:
    """Closes it, and wakes the thread that waits for it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
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


def accepts(port: int) -> bool:
    """Whether something listens on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
