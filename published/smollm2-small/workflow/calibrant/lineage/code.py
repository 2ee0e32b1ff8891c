"""The code a stage depends on: its import closure within the package, as digests."""

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from calibrant.errors import CalibrantError
from calibrant.files import canonical_json, sha256_file, sha256_text
from calibrant.lineage.normalise import normalised_tree, parse_source


def code_closure(module_or_script: Path, package_root: Path) -> dict[str, str]:
    """Return every first-party file that a script can import, with the digest of each.

    Imports are read from the source, not run, wherever they stand in a file. A package's
    ``__init__`` counts for each of its modules, and so does a script beside the script, which
    Python finds first. What the source cannot show is declared by the module that does it, in a
    tuple of string literals at its top level:

    * ``READS_FILES = ("catalog.yaml",)``: files it reads, relative to its own folder. Their raw
      bytes count.
    * ``IMPORTS_MODULES = ("calibrant.data.loaders",)``: modules, or packages with all that is in
      them, that it imports by a computed name.

    Args:
        module_or_script: A Python file inside or outside the package.
        package_root: Folder of the package, such as ``workflow/calibrant``.

    Returns:
        POSIX path relative to the parent of ``package_root``, to the SHA-256 of the normalised
        source (see ``normalised_source``) or of the bytes of a declared file; sorted by path.

    Raises:
        CalibrantError: If a file cannot be read or parsed, a first-party import names no module, or
            a declaration is not a tuple of strings or names nothing.
    """
    root = Path(os.path.abspath(package_root))
    files: dict[str, str] = {}
    waiting = [Path(os.path.abspath(module_or_script))]
    while waiting:
        path = waiting.pop()
        name = _relative(path, root)
        if name in files:
            continue
        module = _examine(_read(path), name)
        files[name] = module.digest
        for declared in module.reads_files:
            read = path.parent / declared
            files[_relative(read, root)] = sha256_file(read)
        waiting.extend(_dependencies(path, module, root))
    return dict(sorted(files.items()))


def code_digest(closure: dict[str, str]) -> str:
    """Return one SHA-256 over the paths and digests of a closure."""
    return sha256_text(canonical_json(closure))


@dataclass(frozen=True, slots=True)
class _Import:
    level: int
    module: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Module:
    digest: str
    imports: tuple[_Import, ...]
    reads_files: tuple[str, ...]
    imports_modules: tuple[str, ...]


# The key is the content: a cache by modification time could miss an edit during a run.
@cache
def _examine(source: bytes, where: str) -> _Module:
    tree = parse_source(source, where)
    imports: list[_Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [_Import(0, alias.name, ()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            imports.append(_Import(node.level, node.module or "", names))
    return _Module(
        digest=sha256_text(normalised_tree(tree)),
        imports=tuple(imports),
        reads_files=_declared(tree, "READS_FILES", where),
        imports_modules=_declared(tree, "IMPORTS_MODULES", where),
    )


def _declared(tree: ast.Module, name: str, where: str) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not any(isinstance(target, ast.Name) and target.id == name for target in targets):
            continue
        value = getattr(node, "value", None)
        items = value.elts if isinstance(value, ast.Tuple) else [None]
        texts = [item.value for item in items if isinstance(item, ast.Constant)]
        if len(texts) != len(items) or not all(isinstance(text, str) for text in texts):
            raise CalibrantError(
                f"{name} is not a tuple of string literals",
                where=f"{where}:{node.lineno}",
                repair=f'Write it as {name} = ("name",)',
            )
        found += tuple(str(text) for text in texts)
    return found


def _dependencies(path: Path, module: _Module, root: Path) -> Iterator[Path]:
    inside = path.is_relative_to(root)
    package = path.parent.relative_to(root.parent).parts if inside else ()
    if inside:
        yield from _located(".".join(package), root) or []
    for item in module.imports:
        prefix = package[: max(0, len(package) - item.level + 1)] if item.level else ()
        name = ".".join([*prefix, *([item.module] if item.module else [])])
        first = name.split(".")[0]
        if first == root.name:
            yield from _imported(name, item.names, root, path)
        elif not inside and path.with_name(f"{first}.py").is_file():
            yield path.with_name(f"{first}.py")
    for name in module.imports_modules:
        yield from _imported(name, ("*",), root, path)


def _imported(name: str, names: tuple[str, ...], root: Path, path: Path) -> Iterator[Path]:
    found = _located(name, root)
    if found is None:
        raise CalibrantError(
            f"imports {name}, which is not a module of {root.name}", where=_relative(path, root)
        )
    yield from found
    for attribute in names:
        if attribute == "*":
            folder = root.parent.joinpath(*name.split("."))
            yield from sorted(folder.rglob("*.py"))
        else:
            # Not a submodule: then it is a name that the module itself defines.
            yield from _located(f"{name}.{attribute}", root) or []


def _located(name: str, root: Path) -> list[Path] | None:
    """Return the files that importing a dotted name runs, or None if there is no such module."""
    first, *rest = name.split(".")
    if first != root.name:
        return None
    folder = root
    files = _initialiser(root)
    for position, part in enumerate(rest):
        folder = folder / part
        if (folder / "__init__.py").is_file():
            files += _initialiser(folder)
        elif folder.with_name(f"{part}.py").is_file():
            is_last = position == len(rest) - 1
            return [*files, folder.with_name(f"{part}.py")] if is_last else None
        elif not folder.is_dir():
            return None
    return files


def _initialiser(folder: Path) -> list[Path]:
    path = folder / "__init__.py"
    return [path] if path.is_file() else []


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root.parent)).as_posix()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CalibrantError(f"cannot read: {error.strerror}", where=path) from error
