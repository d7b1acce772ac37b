"""``python -m chimneysweep`` is the command ``chimneysweep``."""

import sys

from .cli.main import main

sys.exit(main())
