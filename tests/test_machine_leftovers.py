"""What a killed checker leaves is cleaned up by the next one; what is damaged in the cache is made again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chimneysweep.targets.machine.cache import Cache
from chimneysweep.targets.machine.folder import HELD, Folder, sweep

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are seen in /proc")

HOLDS = """
import os, subprocess, sys
from chimneysweep.targets.machine.folder import Folder
folder = Folder()
script = "import os, time; os.setsid(); print(1, flush=True); time.sleep(600)"
other = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **folder.environment()},
                         stdout=subprocess.PIPE)
other.stdout.readline()
print(folder.path, other.pid, flush=True)
sys.stdin.readline()
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_what_a_killed_checker_left_is_swept_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
    ) as checker:
        assert checker.stdout
        folder, pid = checker.stdout.readline().split()
        os.kill(int(pid), signal.SIGSTOP)
        (tmp_path / "chimneysweep-of-a-user").mkdir()  # nobody's lock is in it
        os.utime(Path(folder) / HELD, (0, 0))
        sweep(tmp_path)
        assert Path(folder).is_dir()
        assert alive(int(pid))
        checker.send_signal(signal.SIGKILL)
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["chimneysweep-of-a-user"]
    until = time.monotonic() + 10
    while alive(int(pid)) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(int(pid))


def test_a_folder_is_deleted_with_what_was_started_for_it() -> None:
    folder = Folder()
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(
        command, env={**os.environ, **folder.environment()}, start_new_session=True
    ) as other:
        assert (folder.path / HELD).is_file()
        folder.delete()
        assert other.wait(10) == -signal.SIGKILL
    assert not folder.path.exists()


@pytest.mark.parametrize("damage", [b"", b"made", b"made of something else"])
def test_a_file_that_was_damaged_is_made_again(tmp_path: Path, damage: bytes) -> None:
    cache, made = Cache(tmp_path / "cache"), []

    def make(into: Path) -> None:
        made.append(into)
        into.write_bytes(b"made of this")

    for _ in range(2):
        file = cache.file("thing", make, tmp_path)
    assert len(made) == 1
    file.write_bytes(damage)
    assert cache.kept("thing") is None
    assert cache.file("thing", make, tmp_path).read_bytes() == b"made of this"
    assert len(made) == 2
