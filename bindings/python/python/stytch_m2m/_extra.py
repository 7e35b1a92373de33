"""What an integration needs beside this package."""

from __future__ import annotations

from types import TracebackType


class Extra:
    """Imports of the packages of an extra. Of one that is missing it says what installs it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, ModuleNotFoundError):
            message = f"No module named {error.name!r}: pip install 'stytch-m2m[{self.name}]'"
            raise ModuleNotFoundError(message, name=error.name) from error
