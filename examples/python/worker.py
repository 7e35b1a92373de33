"""A worker that calls a protected service.

    pip install 'stytch-m2m[httpx]'
    python worker.py http://127.0.0.1:8000/orders

It takes its own credential from CLIENT_ID and CLIENT_SECRET, and needs no project secret.
"""

import os
import sys
from urllib.parse import urlsplit

import httpx
from stytch_m2m import TokenSource
from stytch_m2m.httpx import TokenAuth


def main(url: str) -> None:
    client_id, client_secret = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
    parts = urlsplit(url)
    with (
        TokenSource(client_id=client_id, client_secret=client_secret) as source,
        # The token goes to this origin and to no other.
        httpx.Client(auth=TokenAuth(source, origins=[f"{parts.scheme}://{parts.netloc}"])) as http,
    ):
        for _ in range(3):
            response = http.get(url)
            print(response.status_code, response.text)
            response.raise_for_status()


if __name__ == "__main__":
    main(*sys.argv[1:])
