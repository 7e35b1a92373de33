"""A machine that calls a server of the Model Context Protocol, by client credentials.

    python mcp_client.py https://mcp.example.com/mcp

It knows the server alone: the server's 401 leads to its metadata (RFC 9728), which names the
authorization server, whose own metadata (RFC 8414) names the token endpoint and the methods of
authentication. Its credential is in MCP_CONFORMANCE_CONTEXT, as in the conformance suite
`@modelcontextprotocol/conformance`.
"""

import json
import os
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from stytch_m2m import ProtectedResource, TokenSource


def main(url: str) -> None:
    context = json.loads(os.environ["MCP_CONFORMANCE_CONTEXT"])
    client_id, client_secret = context["client_id"], context.get("client_secret")
    private_key, algorithm = context.get("private_key_pem"), context.get("signing_algorithm")
    # [resource]
    resource = ProtectedResource.discover(url=url, www_authenticate=challenges(url))
    source = TokenSource(
        issuer=resource.authorization_servers[0],
        resource=resource.resource,
        scopes=resource.scopes,
        client_id=client_id,
        client_secret=client_secret,
        private_key=private_key,
        signing_algorithm=algorithm,
    )
    # [end]
    with source:
        authorization = source.authorization_header()
        print(call(url, "initialize", INITIALIZE, authorization))
        print(call(url, "tools/list", {}, authorization))


def challenges(url: str) -> list[str]:
    """What the server says to a request without a token."""
    try:
        call(url, "initialize", INITIALIZE)
    except HTTPError as refused:
        with refused:
            return refused.headers.get_all("WWW-Authenticate", [])
    raise SystemExit("the server lets anybody in")


INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "stytch-m2m", "version": "1"},
}


def call(url: str, method: str, params: dict[str, Any], authorization: str | None = None) -> str:
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    accepted = "application/json, text/event-stream"
    headers = {"Content-Type": "application/json", "Accept": accepted}
    if authorization is not None:
        headers["Authorization"] = authorization
    with urlopen(Request(url, json.dumps(message).encode(), headers), timeout=10) as response:
        text: str = response.read().decode()
    return text


if __name__ == "__main__":
    main(sys.argv[-1])
