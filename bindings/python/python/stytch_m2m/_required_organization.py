"""The organization that a token must belong to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


class AnyOrganization:
    """The class of `ANY_ORGANIZATION`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ANY_ORGANIZATION"


ANY_ORGANIZATION = AnyOrganization()
"""For `organization`: the token must belong to an organization, whichever it is."""


class _Unchecked:
    __slots__ = ()

    def __repr__(self) -> str:
        return "UNCHECKED"


UNCHECKED: Any = _Unchecked()
"""The default of `organization`. `None` is not: it may be a value that was missing by accident."""


class OrganizationFrom:
    """Where a guard finds the organization that the token of a request must belong to.

    authenticated = M2MAuth(verifier, organization=OrganizationFrom.path("tenant"))
    """

    __slots__ = ("_is_header", "_name")

    _name: str
    _is_header: bool

    def __init__(self) -> None:
        raise TypeError(
            "use OrganizationFrom.path(...), OrganizationFrom.header(...) or a function"
        )

    @staticmethod
    def path(name: str) -> OrganizationFrom:
        """A parameter of the route's path. A route without it is an error of the service (500)."""
        return _make(name, is_header=False)

    @staticmethod
    def header(name: str) -> OrganizationFrom:
        """A header of the request. A request without it, or with two of it, is refused (403)."""
        return _make(name, is_header=True)

    def __repr__(self) -> str:
        return f"OrganizationFrom.{'header' if self._is_header else 'path'}({self._name!r})"


def _make(name: str, *, is_header: bool) -> OrganizationFrom:
    if not isinstance(name, str) or not name:
        raise TypeError(f"the name must be a str that is not empty, not {name!r}")
    made = object.__new__(OrganizationFrom)
    made._name, made._is_header = name, is_header
    return made


def native_organization(organization: object) -> tuple[str | None, bool]:
    """The organization, and whether one is required, for the native module."""
    if organization is UNCHECKED:
        return None, False
    if isinstance(organization, AnyOrganization):
        return None, True
    if organization is None:
        raise TypeError(
            "organization is None: leave it out, or give the organization's id or ANY_ORGANIZATION"
        )
    return organization, True  # type: ignore[return-value]


def check_guard(organization: object) -> None:
    """Refuses, where a guard is made, what it could not check."""
    if organization is UNCHECKED or isinstance(organization, (AnyOrganization, OrganizationFrom)):
        return
    if callable(organization) or (isinstance(organization, str) and organization):
        return
    what = "an empty str" if organization == "" else f"{organization!r}"
    raise TypeError(
        "organization must be an organization's id, ANY_ORGANIZATION, OrganizationFrom.path(...),"
        f" OrganizationFrom.header(...) or a function of the request, not {what}"
    )


def find(
    organization: object,
    request: object,
    path: Mapping[str, object],
    headers: Callable[[str], Sequence[str]],
) -> Any:
    """The organization that the token of a request must belong to. A function's answer may still
    have to be awaited, and then be `found`.

    Args:
        organization: What the guard was given.
        request: The framework's request, for a function.
        path: The parameters of its path.
        headers: All values of a header.
    """
    if isinstance(organization, OrganizationFrom):
        name = organization._name
        if organization._is_header:
            values = headers(name)
            return values[0] if len(values) == 1 else NOBODYS
        if name not in path:
            raise RuntimeError(
                f"{organization!r}: the path of this route has no parameter {name!r}"
            )
        # A converter may have made a number or a UUID of it, which the view gets, too.
        return NOBODYS if path[name] is None else str(path[name])
    if callable(organization):
        return organization(request)
    return organization


NOBODYS = ""
"""What no organization is called."""


def found(answer: object) -> Any:
    """The answer of a guard's function, which may have found nothing in the request."""
    return NOBODYS if answer is None else answer
