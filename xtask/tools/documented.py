"""Names what is public in a Python package and has no docstring: `documented.py PACKAGE FOLDER`.

Public is what a public module offers under a public name, wherever that is defined. ruff's rules
take a class for private if its module is, and know nothing of attributes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import griffe


def public(item: griffe.Object, path: str) -> Iterator[tuple[str, griffe.Object]]:
    """The item and what can be reached through it, each under a path that users may write."""
    yield path, item
    for name, member in item.all_members.items():
        if not is_offered(item, member):
            continue
        found = member.final_target if isinstance(member, griffe.Alias) else member
        if not found.is_module:
            yield from public(found, f"{path}.{name}")


def is_offered(owner: griffe.Object, member: griffe.Object | griffe.Alias) -> bool:
    """Whether a member is there for others, and not imported for its owner's own use."""
    if owner.is_module and owner.exports is not None:
        return member.name in owner.exports and not member.name.startswith("__")
    return not member.name.startswith("_") and not member.is_imported


def is_documented(item: griffe.Object) -> bool:
    """Whether the item has a docstring, or inherits that of what it overrides."""
    classes = item.parent.mro() if isinstance(item.parent, griffe.Class) else []
    overridden = [base.members[item.name] for base in classes if item.name in base.members]
    return any(known.has_docstring for known in (item, *overridden))


def main(package: str, folder: str) -> int:
    """Prints a line for each, and tells how many there are."""
    root = griffe.load(package, search_paths=[folder], resolve_aliases=True)
    modules = [module for name, module in root.modules.items() if not name.startswith("_")]
    items = dict(public(root, package))
    for module in modules:
        items.update(public(module, module.path))
    bare = {path: item for path, item in items.items() if not is_documented(item)}
    for path, item in bare.items():
        print(f"{item.relative_filepath}:{item.lineno}: {path} has no docstring")
    print(f"{len(items) - len(bare)} of {len(items)} public items have a docstring")
    return 1 if bare or not modules else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
