"""The wire carried on: a capture, read by other libraries than wrote it (and by tshark, where it is)."""

from __future__ import annotations

import dataclasses
import io
import shutil
import subprocess
from pathlib import Path

import dpkt
import pytest
from exported import TRACES, hostile
from sample_trace import CHOICES, first, sample, system

from chimneysweep.counterexamples.exports.pcapng_capture import MOST_BYTES, export, segments
from chimneysweep.counterexamples.exports.registry import CannotExport
from chimneysweep.counterexamples.storage import load
from chimneysweep.counterexamples.trace import Step, Trace, run

CORPUS = sorted((Path(__file__).parent.parent / "counterexamples" / "corpus").glob("*.json"))
TSHARK = shutil.which("tshark")


@dataclasses.dataclass(frozen=True)
class Seen:
    """A segment as a reader has it."""

    port: int
    seq: int
    ack: int
    flags: int
    payload: bytes


def read(capture: bytes) -> list[Seen]:
    """The segments of a capture; each checksum is computed again."""
    found = []
    for _, frame in dpkt.pcapng.Reader(io.BytesIO(capture)):
        ip = dpkt.ethernet.Ethernet(frame).data
        tcp = ip.data
        sums = (ip.sum, tcp.sum)
        ip.sum = tcp.sum = 0
        again = dpkt.ip.IP(bytes(ip))
        assert (again.sum, again.data.sum) == sums, "the checksums are right"
        found.append(Seen(tcp.sport, tcp.seq, tcp.ack, tcp.flags, bytes(tcp.data)))
    return found


def resumed() -> Trace:
    """The sample, gone on with until the host has sent what it was handed."""
    steps, _ = run(system(), first(), (*CHOICES, ("HostTransmits", {"conn": 0})))
    return dataclasses.replace(sample(), steps=steps)


ALL = {**TRACES, "sample": resumed(), "hostile": hostile()}


@pytest.mark.parametrize("trace", [*ALL.values(), *map(load, CORPUS)], ids=[*ALL, *(f.stem for f in CORPUS)])
def test_every_segment_is_read_with_its_numbers_and_checksums(trace: Trace) -> None:
    seen = read(export(trace))
    sent = list(segments(trace))
    assert seen[0].flags == dpkt.tcp.TH_SYN
    left = iter(seen)
    for _, segment, _ in sent:
        frames = [next(left) for _ in range(max(1, -(-segment.length // 1400)))]
        assert (frames[0].seq, frames[0].ack) == (segment.seq % 2**32, segment.ack % 2**32)
        assert sum(len(frame.payload) for frame in frames) == segment.length
    assert next(left, None) is None
    conns = {segment.conn for _, segment, _ in sent}
    assert {found.port for found in seen} == {60000, *(50000 + conn for conn in conns)}


def test_sequence_numbers_wrap_and_letters_tell_positions() -> None:
    """The ISN is 2^32 - 6: position 12 has the sequence number 6."""
    seen = read(export(resumed()))
    isn = 2**32 - 6
    out = [found for found in seen if found.port == 50000 and found.payload]
    assert out[0].seq == isn
    assert out[0].payload.startswith(b"abcdefghijklmnopqrstuvwxyzab")
    ack = next(found for found in seen if found.port == 60000 and found.ack == (isn + 12) % 2**32)
    assert ack.ack == 6
    again = out[-1]  # what the host sends after the hand-off begins at the byte that is not acknowledged
    assert again.seq == 6
    assert again.payload[:1] == b"m"


def test_bytes_out_of_place_are_seen_in_the_capture() -> None:
    """A seeded bug: the host has a buffer that starts elsewhere, so position 12 carries another byte."""
    trace = resumed()
    name = "conns[0].bufs[1].start"
    before = trace.steps[-1]
    changes = {**trace.steps[-2].changes, name: (12, 10), "conns[0].bufs[1].host_at": (-1, 12)}
    broken = dataclasses.replace(
        trace, steps=[*trace.steps[:-2], dataclasses.replace(trace.steps[-2], changes=changes), before]
    )
    assert read(export(broken))[-1].payload[:1] == b"k"


def test_a_wrong_checksum_is_noticed() -> None:
    capture = bytearray(export(TRACES["C"]))
    frame = capture.index(bytes((2, 0, 0, 0, 0, 2)))
    capture[frame + 30] ^= 1  # in the address of the peer
    with pytest.raises(AssertionError, match="checksums"):
        read(bytes(capture))


def test_what_is_no_capture_is_said() -> None:
    bare = dataclasses.replace(sample(), initial={"phase": 0}, steps=[])
    with pytest.raises(CannotExport, match="no TCP connection"):
        export(bare)
    step = Step("DataArrives", "peer", {"conn": 0, "length": MOST_BYTES + 1}, "", {})
    with pytest.raises(CannotExport, match="too much for a capture"):
        export(dataclasses.replace(sample(), steps=[step]))


@pytest.mark.parametrize("command", [TSHARK] if TSHARK else [])
@pytest.mark.parametrize("name", sorted(ALL))
def test_wireshark_finds_nothing_wrong(command: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "t.pcapng").write_bytes(export(ALL[name]))
    check = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    shows = ["-T", "fields", "-e", "tcp.checksum.status", "-e", "ip.checksum.status", "-e", "frame.comment"]
    argv = [command, "-r", str(tmp_path / "t.pcapng"), *check, *shows]
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) >= 3
    assert all(line.startswith("1\t1\t") for line in lines)
