"""Manages the project's M2M clients.

python clients.py create payments read:orders write:orders
python clients.py list
python clients.py rotate m2m-client-test-...
python clients.py delete m2m-client-test-...
"""

import argparse
from collections.abc import Callable

from stytch_m2m import Client, StytchM2MError


def create(client: Client, name: str, scopes: list[str]) -> None:
    created = client.m2m.clients.create(client_name=name, scopes=scopes).m2m_client
    print(created.client_id, created.client_secret)


def show(client: Client) -> None:
    for found in client.m2m.clients.search_all():
        print(found.client_id, found.status, found.client_name, *found.scopes)


def rotate(client: Client, client_id: str) -> None:
    secrets = client.m2m.clients.secrets
    print(secrets.rotate_start(client_id=client_id).m2m_client.next_client_secret)
    input("Both secrets work now. Press Enter when every caller has the new one. ")
    secrets.rotate(client_id=client_id)
    print("The old one is gone.")


def delete(client: Client, client_id: str) -> None:
    client.m2m.clients.delete(client_id=client_id)


def main() -> None:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    creating = commands.add_parser("create")
    creating.add_argument("name")
    creating.add_argument("scopes", nargs="*")
    for name in ("rotate", "delete"):
        commands.add_parser(name).add_argument("client_id")
    arguments = vars(parser.parse_args())
    run: dict[str, Callable[..., None]]
    run = {"list": show, "create": create, "rotate": rotate, "delete": delete}
    try:
        with Client() as client:
            run[arguments.pop("command")](client, **arguments)
    except StytchM2MError as error:
        parser.exit(1, f"{error.code}: {error}\n")


if __name__ == "__main__":
    main()
