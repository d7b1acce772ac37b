"""Plays each case in a fork of its own. Runs in a process that was started with the sanitizers.

Arguments: the library, then a scenario as JSON for each case.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from native_stage import complaints, play_scenario

from chimneysweep.targets.chimney.native.native_factory import factory
from chimneysweep.targets.chimney.scenario import Scenario, from_json

END_OF_CASE = "END OF CASE"


def main(library: str, *cases: str) -> None:
    make = factory(Path(library))
    play_scenario(make, Scenario())  # imports all that a run needs, once for all
    os.dup2(1, 2)
    for case in cases:
        if os.fork() == 0:
            print(complaints(play_scenario(make, from_json(json.loads(case)))), flush=True)
            os._exit(0)
        print(f"ends with {os.waitpid(-1, 0)[1]}\n{END_OF_CASE}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
