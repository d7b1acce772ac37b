"""States carried on: ITF, TLA+ and VCD, read by others than wrote them, say what the trace says."""

from __future__ import annotations

import json
import signal
from typing import Any

import itf_py
import pytest
import tree_sitter
import tree_sitter_tlaplus
from exported import TRACES, hostile, is_plain

from chimneysweep.counterexamples.exports import itf_json, tla_module, vcd_waves
from chimneysweep.counterexamples.exports.state_tree import identifiers, nested, paths, states
from chimneysweep.counterexamples.trace import Trace

KINDS = pytest.mark.parametrize("trace", [*TRACES.values(), hostile()], ids=[*TRACES, "hostile"])
TLA = pytest.mark.filterwarnings("ignore:int argument support:DeprecationWarning")  # of the parser's own
WAVE = "trace.conns_0.own.una"


def _waves(text: str) -> Any:
    """Read by a library that makes SIGPIPE deadly to the whole process when it is imported."""
    before = signal.getsignal(signal.SIGPIPE)
    from vcdvcd import VCDVCD

    signal.signal(signal.SIGPIPE, before)
    return VCDVCD(vcd_string=text)


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    for part in place:
        value = value[part] if isinstance(part, int) else getattr(value, part)
    return value


@KINDS
def test_the_itf_library_reads_every_value_action_and_pick(trace: Trace) -> None:
    text = itf_json.export(trace)
    assert is_plain(text)
    read = itf_py.trace_from_json(json.loads(text))
    values = states(trace)
    places = paths(values[0])
    assert len(read.states) == len(trace.steps) + 1
    for found, state in zip(read.states, values, strict=True):
        assert set(found.values) == set(read.vars)
        for name, (root, *rest) in places.items():
            assert _at(found.values[str(root)], tuple(rest)) == state[name]
    plain = [s for s in zip(read.states[1:], trace.steps, strict=True) if s[1].action.isidentifier()]
    assert plain
    for found, step in plain:
        assert found.values["action"] == step.action
        assert found.values["picks"]._asdict() == dict(step.parameters)


def test_every_integer_in_itf_is_a_bigint() -> None:
    def numbers(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [n for item in value.values() for n in numbers(item)]
        if isinstance(value, list):
            return [n for item in value for n in numbers(item)]
        return [value] if isinstance(value, int) and not isinstance(value, bool) else []

    data = json.loads(itf_json.export(TRACES["C"]))
    assert not [
        n for state in data["states"] for name, v in state.items() if name != "#meta" for n in numbers(v)
    ]
    assert "#bigint" in json.dumps(data["states"][0])


def _tla(text: str) -> tree_sitter.Node:
    language = tree_sitter.Language(tree_sitter_tlaplus.language())
    return tree_sitter.Parser(language).parse(text.encode()).root_node


@TLA
@KINDS
def test_the_module_is_one_for_the_parser_of_tla(trace: Trace) -> None:
    text = tla_module.export(trace)
    assert is_plain(text)
    assert text.isascii()
    root = _tla(text)
    assert not root.has_error, text
    (module,) = [node for node in root.children if node.type == "module"]
    defined = [node for node in module.children if node.type == "operator_definition"]
    names = [
        node.child_by_field_name("name").text.decode() for node in defined if node.child_by_field_name("name")
    ]
    assert names[1 : 2 + len(trace.steps)] == [f"State{n}" for n in range(1, len(trace.steps) + 2)]
    assert names[-1] == "NotBroken"


@TLA
def test_what_is_no_module_is_refused() -> None:
    assert _tla(tla_module.export(TRACES["C"]).replace("EXCEPT", "EXEPT", 1)).has_error


def test_the_module_changes_what_the_trace_changes() -> None:
    text = tla_module.export(TRACES["Python"])
    assert "State5 == [State4 EXCEPT !.conns[1].own.una = 1, !.conns[1].peer.acked = 1]\n" in text
    assert '[name |-> "AckArrives", conn |-> 0, upto |-> 1, window |-> 10000]' in text
    assert "NotBroken == step # 7\n" in text


@KINDS
def test_the_vcd_library_reads_the_waves(trace: Trace) -> None:
    text = vcd_waves.export(trace)
    assert is_plain(text)
    read = _waves(text)
    values = states(trace)
    places = paths(values[0])
    for name, place in places.items():
        wave = read[".".join(("trace", *vcd_waves._scopes(place)))]
        for time, state in enumerate(values):
            bits = wave[time]
            number = int(bits, 2)
            wide = int(wave.size)
            assert number == int(state[name]) % 2**wide
    assert f"\n#{len(trace.steps)}\n" in text


def test_waves_tell_one_value_from_another() -> None:
    text = vcd_waves.export(TRACES["Python"])
    assert _waves(text)[WAVE].tv == [(0, "0"), (4, "1")]


def test_names_that_do_not_fit_together_are_flat_and_apart() -> None:
    names = ["a[0].b", "a[2].b", "a", "x y", "x_y", "é", "IF"]
    places = paths(names)
    assert len(set(places.values())) == len(names)
    assert all(len(place) == 1 and str(place[0]).isidentifier() for place in places.values())
    assert paths(["a[0].b", "a[1].b", "c"]) == {"a[0].b": ("a", 0, "b"), "a[1].b": ("a", 1, "b"), "c": ("c",)}
    assert paths(["a[99999999999].b"]) == {"a[99999999999].b": ("a_99999999999__b",)}
    assert identifiers(["step", "step "], ["step"]) == {"step": "step_2", "step ": "step_3"}


def test_a_state_is_records_and_sequences() -> None:
    values = {"a[0].b": 1, "a[1].b": 2, "c": True}
    assert nested(values, paths(values)) == {"a": [{"b": 1}, {"b": 2}], "c": True}


def test_what_reads_waves_leaves_a_broken_pipe_an_error() -> None:
    _waves("$timescale 1 ns $end\n$enddefinitions $end\n")
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN
