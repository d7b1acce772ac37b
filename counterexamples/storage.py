"""Traces as files: versioned JSON with a published schema (``trace.schema.json``).

Numbers are JSON integers of any size: positions and sequence numbers can exceed 2^53,
so a reader in another language must not take them for floating point.

Version 1 knew one subject, the chimney, and called what ran ``subject``; it is read as version 2.
"""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from collections import Counter
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ..model.bounds import Bounds
from ..properties.loading import SubjectRef, is_file, split
from .harmless import printable
from .trace import FORMAT, FORMAT_VERSION, Broken, Place, Step, Trace, TracedSubject, Violation

SCHEMA_FILE = "trace.schema.json"
MAX_BYTES = 8 * 2**20
"""A file that is larger is no trace; those of the corpus have some ten thousand bytes."""
MAX_STEPS = 5000
MAX_DIGITS = 1000
"""Of a number."""
MAX_DEPTH = 40
"""Lists and objects within one another; a scenario in ``meta`` has eight."""

RENAMED = {"chimney": {"quiet": "quiescent", "untidy": "stale_write"}}
"""Variables of a subject by what they were called once: older traces are read with today's names."""

_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}


class BadTrace(ValueError):
    """A file that is no readable trace: what is wrong, where, and what would be right."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def schema() -> dict[str, Any]:
    """The published JSON Schema of a trace file."""
    text = resources.files(__package__).joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def to_json(trace: Trace) -> dict[str, Any]:
    """The trace as JSON data, with format and version."""
    rest = {name: _plain(value) for name, value in vars(trace).items() if name != "subject"}
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "subject": _subject_to_json(trace.subject),
        **rest,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Step):
        value = {k: item for k, item in vars(value).items() if item or k not in ("at", "mdls")}
    elif dataclasses.is_dataclass(value):
        value = vars(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _subject_to_json(subject: TracedSubject) -> dict[str, Any]:
    file, name = split(subject.ref.subject) if is_file(subject.ref.subject) else ("", "")
    clauses, parts = list(subject.ref.clauses), list(subject.parts)
    return {
        "name": subject.name,
        "file": file or None,
        "object": name or None,
        "clauses": clauses,
        "parts": parts,
    }


def dumps(trace: Trace) -> str:
    """The trace as JSON text."""
    return json.dumps(to_json(trace), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def save(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write the trace to *path*; an interrupted write leaves the old file (or none). Raises OSError."""
    write_atomically(Path(path), dumps(trace))


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write *content*, text as UTF-8, in one piece: to a file next to *path*, which then takes its place.

    What is no regular file (``/dev/stdout``, a pipe) is written to directly: it must
    not be replaced. Raises OSError.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    real = Path(os.path.realpath(path))
    temporary = real.with_name(f".{real.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load(path: str | os.PathLike[str]) -> Trace:
    """Read a trace file. Raises BadTrace with a message for the user."""
    name = os.fspath(path)
    try:
        with open(path, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadTrace(f"{name} is no trace: it is no regular file; a trace is read from one")
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadTrace(f"cannot read {name}: {error.strerror or error}") from error
    if len(raw) > MAX_BYTES:
        raise BadTrace(f"{name} is no trace: it is larger than {MAX_BYTES // 2**20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadTrace(
            f"{name} is no trace: byte {error.start} is not UTF-8 text; "
            "a trace is a JSON file as `chimneysweep check --trace-dir` writes it"
        ) from error
    return loads(text, name)


def _at_once(path: str, flags: int) -> int:
    """Opens a file without waiting for whoever writes to a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def loads(text: str, name: str = "the trace") -> Trace:
    """A trace from JSON text; *name* is what messages call it. Raises BadTrace."""
    return from_json(_parse(text, name), name)


def _parse(text: str, name: str) -> Any:
    if not text.strip():
        raise BadTrace(f"{name} is empty; a trace is a JSON object")
    try:
        return json.loads(
            text, parse_int=_number, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith(("{", "[")):
            raise BadTrace(
                f"{name} is not JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
                "a trace is a JSON object"
            ) from error
        if error.pos >= len(text.rstrip()) or "Unterminated string" in error.msg:
            raise BadTrace(
                f"{name} is truncated: it ends at line {error.lineno}, column {error.colno}, in the middle "
                "of the JSON object; copy the whole file, or write it again"
            ) from error
        raise BadTrace(
            f"{name} is not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}; "
            "write it again with chimneysweep, or undo the edit"
        ) from error
    except RecursionError as error:
        raise BadTrace(f"{name} is no trace: {_DEEP}") from error
    except ValueError as error:
        raise BadTrace(f"{name} is not a JSON file that can be read: {error}") from error


def _number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits, and no more than {MAX_DIGITS} are taken")
    return int(digits)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the field {_brief(twice)} stands twice in one object")
    return found


_DEEP = f"lists and objects lie more than {MAX_DEPTH} deep in one another"


def _too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(MAX_DEPTH):
        inner = (list(outer.values()) if isinstance(outer, dict) else outer for outer in level)
        level = [item for items in inner for item in items if isinstance(item, (dict, list))]
    return bool(level)


def from_json(data: Any, name: str = "the trace") -> Trace:
    """A trace from JSON data. Raises BadTrace."""
    _check_format(data, name)
    if data["version"] == 1:
        data = _upgraded(data)
    _check_schema(data, name)
    _check_variables(data, name)
    today = _todays_names(data)
    violation = data["violation"]
    return Trace(
        source=data["source"],
        subject=_subject(data["subject"]),
        target=data["target"],
        bounds=Bounds("", **data["bounds"]),
        initial={today.get(name, name): value for name, value in data["initial"].items()},
        steps=[_step(step, today) for step in data["steps"]],
        violation=_violation(violation) if violation is not None else None,
        meta=data["meta"],
    )


def _check_format(data: Any, name: str) -> None:
    if not isinstance(data, dict):
        raise BadTrace(f"{name} is no trace: at $ it has {_kind(data)}, not an object")
    if _too_deep(data):
        raise BadTrace(f"{name} is no trace: {_DEEP}")
    found = data.get("format")
    if found != FORMAT:
        what = f"its format is {_brief(found)}" if "format" in data else "it has no field 'format'"
        raise BadTrace(f"{name} is no trace: {what}; at $.format a trace says {FORMAT!r}")
    if "version" not in data:
        raise BadTrace(f"{name} is no well-formed trace: at $ the field 'version' is missing")
    version = data["version"]
    if type(version) is not int or version < 1:
        raise BadTrace(
            f"{name} is no well-formed trace: at $.version there is {_kind(version)}, "
            f"where a whole number from 1 to {FORMAT_VERSION} belongs"
        )
    if version > FORMAT_VERSION:
        raise BadTrace(
            f"{name} was written by a newer chimneysweep: $.version is {version}, and this one reads "
            f"up to {FORMAT_VERSION}; update chimneysweep to read it"
        )


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """A trace of version 1 as one of version 2. What is wrong in it is wrong afterwards."""
    kept = {key: value for key, value in data.items() if key not in ("subject", "target")}
    ran = {"target": data["subject"]} if "subject" in data else {}
    return {**kept, **ran, "version": FORMAT_VERSION, "subject": _subject_to_json(TracedSubject("chimney"))}


def _subject(data: Mapping[str, Any]) -> TracedSubject:
    file, name = data["file"], data["object"]
    spec = data["name"] if file is None else file if name is None else f"{file}:{name}"
    return TracedSubject(data["name"], SubjectRef(spec, tuple(data["clauses"])), tuple(data["parts"]))


def _check_schema(data: Any, name: str) -> None:
    steps = data.get("steps")
    if isinstance(steps, list) and len(steps) > MAX_STEPS:
        raise BadTrace(
            f"{name} is no trace: it has {len(steps)} steps, and no more than {MAX_STEPS} are taken"
        )
    error = next(iter(sorted(_validator().iter_errors(data), key=_depth_first)), None)
    if error is not None:
        place = error.json_path if len(error.json_path) < 200 else error.json_path[:200] + "..."
        raise BadTrace(f"{name} is no well-formed trace: at {place} {_complaint(error)}")


def _depth_first(error: Any) -> tuple[int, str]:
    return len(error.absolute_path), error.json_path


def _validator() -> Any:
    import jsonschema

    base = jsonschema.Draft202012Validator
    # JSON Schema takes 1.0 for an integer; as a Python float it would have lost digits already.
    strict = base.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    return jsonschema.validators.extend(base, type_checker=strict)(schema())


def _complaint(error: Any) -> str:
    if error.validator == "required":
        missing = [field for field in error.validator_value if field not in error.instance]
        return f"the field {missing[0]!r} is missing"
    if error.validator == "type":
        wanted = error.validator_value
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"there is {_kind(error.instance)}, where {' or '.join(_KINDS[k] for k in kinds)} belongs"
    if error.validator == "additionalProperties":
        extra = sorted(set(error.instance) - set(error.schema.get("properties", {})))
        return f"the field {_brief(extra[0])} is unknown; allowed are {', '.join(error.schema['properties'])}"
    if error.validator == "enum":
        allowed = ", ".join(map(repr, error.validator_value))
        return f"there is {_brief(error.instance)}, where one of {allowed} belongs"
    if error.validator == "const":
        return f"there is {_brief(error.instance)}, where {error.validator_value!r} belongs"
    message: str = error.message
    return message if len(message) < 200 else message[:200] + "..."


def _kind(value: Any) -> str:
    if value is None or isinstance(value, (bool, dict, list)):
        return {"NoneType": "null", "bool": "true or false", "dict": "an object", "list": "a list"}[
            type(value).__name__
        ]
    return f"{'text' if isinstance(value, str) else 'the number'} {_brief(value)}"


def _brief(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) < 40 else shown[:40] + "..."


def _check_variables(data: Mapping[str, Any], name: str) -> None:
    known = data["initial"]
    for k, step in enumerate(data["steps"]):
        for variable in step["changes"]:
            if variable not in known:
                raise BadTrace(
                    f"{name} contradicts itself: at $.steps[{k}].changes the variable {_brief(variable)} "
                    "changes, but $.initial has no such variable"
                )


def _todays_names(data: Mapping[str, Any]) -> dict[str, str]:
    """What is to be renamed in a trace: nothing of one that has today's names."""
    known, renamed = data["initial"], RENAMED.get(data["subject"]["name"], {})
    return {old: new for old, new in renamed.items() if new not in known}


def _step(data: Mapping[str, Any], today: Mapping[str, str]) -> Step:
    changes = {today.get(name, name): (old, new) for name, (old, new) in data["changes"].items()}
    at = Place(**data["at"]) if "at" in data else None
    mdls = data.get("mdls", ())
    return Step(data["action"], data["actor"], data["parameters"], data["says"], changes, at, mdls)


def _violation(data: Mapping[str, Any]) -> Violation:
    broken = [Broken(b["where"], b["says"], b["values"]) for b in data["broken"]]
    return Violation(data["property"], data["kind"], data["says"], data["page"], data["heading"], broken)
