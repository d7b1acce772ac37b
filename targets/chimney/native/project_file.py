"""The project file of a driver (.vcxproj): the kits' list of its C files and what they are compiled with.

One configuration is taken: Release|x64 if there is one, else one for x64. Of the conditions in the file those
are known that compare its configuration and platform; what another one guards is left out. Known limitation:
property sheets that it imports are not read.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from ...machine.refusal import BadTarget

PROJECTS = (".vcxproj",)
"""How the name of a project file ends."""
_COMPARED = re.compile(r"\s*'([^']*)'\s*==\s*'([^']*)'\s*")


@dataclasses.dataclass(frozen=True)
class Project:
    """What a project file says: the C files, definitions as flags of the compiler, folders with headers."""

    sources: tuple[Path, ...]
    flags: tuple[str, ...]
    folders: tuple[Path, ...]


def project_files(folder: Path) -> list[Path]:
    """The project files in a folder and in those below it."""
    return sorted(p for suffix in PROJECTS for p in folder.rglob(f"*{suffix}") if p.is_file())


def read_project(path: Path) -> Project:
    """What a project file says. Raises BadTarget for one that cannot be read, or lists what is not there."""
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except (OSError, ElementTree.ParseError, LookupError, ValueError) as error:
        raise BadTarget(f"{path} is no project file: {error}") from None
    wanted = list(_applying(root, _configuration(root)))
    named = [name for item in wanted if item.tag == "ClCompile" for name in _list(item.get("Include", ""))]
    sources = [_found(path, name) for name in dict.fromkeys(named) if name.lower().endswith(".c")]
    if not sources:
        raise BadTarget(f"the project file {path} lists no .c files")
    said = {
        name: _texts(wanted, name) for name in ("PreprocessorDefinitions", "AdditionalIncludeDirectories")
    }
    places = (_below(path.parent, name) for name in said["AdditionalIncludeDirectories"])
    folders = dict.fromkeys([path.parent, *(source.parent for source in sources), *places])
    flags = tuple(f"-D{name}" for name in said["PreprocessorDefinitions"])
    return Project(tuple(sources), flags, tuple(folder for folder in folders if folder.is_dir()))


def _configuration(root: ElementTree.Element) -> tuple[str, str]:
    """The configuration and platform that are built."""
    names = [e.get("Include", "") for e in root.iter() if _tag(e) == "ProjectConfiguration"]
    best = sorted(names, key=lambda name: (name != "Release|x64", not name.endswith("|x64")))
    kind, _, platform = (best or ["Release|x64"])[0].partition("|")
    return kind, platform


def _applying(element: ElementTree.Element, chosen: tuple[str, str]) -> Iterator[ElementTree.Element]:
    """The elements below that no condition excludes, with the names of their tags bare."""
    for child in element:
        if _holds(child.get("Condition", ""), chosen):
            child.tag = _tag(child)
            yield child
            yield from _applying(child, chosen)


def _holds(condition: str, chosen: tuple[str, str]) -> bool:
    if not condition:
        return True
    for name, value in zip(("$(Configuration)", "$(Platform)"), chosen, strict=True):
        condition = condition.replace(name, value)
    compared = _COMPARED.fullmatch(condition)
    return compared is not None and compared[1] == compared[2]


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _list(text: str) -> list[str]:
    """The entries of a list, without those that stand for what another file says."""
    return [entry for part in text.split(";") if (entry := part.strip()) and not re.search(r"[%$]\(", entry)]


def _texts(elements: list[ElementTree.Element], tag: str) -> list[str]:
    """What all files are compiled with."""
    groups = [e for e in elements if e.tag == "ItemDefinitionGroup"]
    inside = {id(found) for group in groups for kind in group if kind.tag == "ClCompile" for found in kind}
    own = (e.text or "" for e in elements if e.tag == tag and id(e) in inside)
    return list(dict.fromkeys(entry for text in own for entry in _list(text)))


def _below(folder: Path, name: str) -> Path:
    return Path(os.path.normpath(folder / name.replace("\\", "/")))


def _found(project: Path, name: str) -> Path:
    """The file that a project names; capitals do not matter there."""
    path = _below(project.parent, name)
    if path.is_file():
        return path
    alike = path.parent.iterdir() if path.parent.is_dir() else iter(())
    found = next((p for p in alike if p.name.lower() == path.name.lower() and p.is_file()), None)
    if found is None:
        raise BadTarget(f"{project} lists {name}, which is not there")
    return found
