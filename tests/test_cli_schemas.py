"""What the commands write is what the published schemas say, for everything that they may come to."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_stage import Stage, stage, unknown, violated

from chimneysweep.cli.list import LISTS
from chimneysweep.cli.main import main
from chimneysweep.cli.output import result_data
from chimneysweep.cli.schema import NAMES, schema

__all__ = ["stage"]
EXAMPLES = Path(__file__).parent.parent / "examples"


def written(folder: Path, *argv: str) -> Any:
    """What a command writes with ``--json``."""
    file = folder / "result.json"
    assert main([*argv, "--quiet", "--json", str(file)]) in (0, 1, 3)
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return written(tmp_path_factory.mktemp("proxy"), "check", str(EXAMPLES / "proxy.py"))


def valid(name: str, data: Any) -> None:
    jsonschema.Draft202012Validator(schema(name)).validate(data)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_and_is_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed["$id"] == f"urn:chimneysweep:{name}:2"
    assert printed["properties"]["version"] == {"const": 2}


def test_a_real_check_is_valid(proxy: Any) -> None:
    valid("check", proxy)
    assert {r["verdict"] for r in proxy["reports"][0]["results"]} == {"proved", "violated"}


def test_every_verdict_is_valid(tmp_path: Path, stage: Stage) -> None:
    stage.verdicts = {"chain.order": violated("chain.order"), "snd.una": unknown()}
    result = written(tmp_path, "check")
    valid("check", result)
    assert {"violated", "undecided"} <= {r["verdict"] for r in result["reports"][0]["results"]}


def test_a_real_conform_is_valid(tmp_path: Path) -> None:
    target = str(EXAMPLES / "my_target.py:MyTarget")
    result = written(tmp_path, "conform", target, "--runs", "3", "--seed", "1")
    valid("conform", result)
    assert result["findings"]


@pytest.mark.parametrize("argv", [["--question", "vocabulary"], ["--question", "examples"]])
def test_a_real_audit_is_valid(tmp_path: Path, argv: list[str]) -> None:
    result = written(tmp_path, "audit", *argv)
    valid("audit", result)
    assert result["findings"]


def test_an_audit_of_a_users_file_is_valid(tmp_path: Path) -> None:
    result = written(tmp_path, "audit", str(EXAMPLES / "ticket_shop.py"))
    valid("audit", result)
    assert result["findings"]


@pytest.mark.parametrize("what", [*LISTS, "chimney"])
def test_a_list_is_valid(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", what, "--json"]) == 0
    valid("list", json.loads(capsys.readouterr().out))


def fields(data: Any) -> Iterator[tuple[Any, str]]:
    """Every object in a result, and each of its fields; those of traces are not ours."""
    if isinstance(data, dict) and data.get("format") != "chimneysweep-trace":
        for name, value in data.items():
            yield data, name
            yield from fields(value)
    for item in data if isinstance(data, list) else ():
        yield from fields(item)


def test_a_field_less_or_more_is_noticed(proxy: Any) -> None:
    ours = [*fields(proxy)]
    named = [k for k, (o, _) in enumerate(ours) if o is proxy or "verdict" in o or "results" in o]
    assert len(named) > 20
    for number in named:
        less, more = copy.deepcopy(proxy), copy.deepcopy(proxy)
        place, name = [*fields(less)][number]
        del place[name]
        place, name = [*fields(more)][number]
        place[f"{name} again"] = place[name]
        for changed in (less, more):
            with pytest.raises(jsonschema.ValidationError):
                valid("check", changed)


def test_times_stand_in_one_place() -> None:
    trace = {"format": "chimneysweep-trace", "initial": {"seconds": 2.5}}
    body = {"seconds": 1.5, "reports": [{"seconds": 0.5, "trace": trace}, {"bounds": {"seconds": 3}}]}
    data = result_data("check", 0, body)
    assert data["seconds"] == {"$": 1.5, "$.reports[0]": 0.5}
    assert data["reports"] == [{"trace": trace}, {"bounds": {"seconds": 3}}]


def test_two_runs_differ_in_nothing_but_times(tmp_path: Path, proxy: Any) -> None:
    one, two = copy.deepcopy(proxy), written(tmp_path, "check", str(EXAMPLES / "proxy.py"))
    assert one.pop("seconds").keys() == two.pop("seconds").keys()
    assert json.dumps(one) == json.dumps(two)
