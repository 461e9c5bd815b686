"""What a Python process spends its processor time on: imports, compilation by Numba, work.

Python imports a module of this name by itself when it starts. `benchmarks.pipeline` puts this
folder on the path of the pipeline's jobs, which thus need not know that they are timed.
"""

import atexit
import importlib
import json
import os
import sys
import time
from pathlib import Path


class Clock:
    """Processor time, of all threads, by what it is spent on: what is inside counts, not around."""

    def __init__(self):
        self.began = time.time()
        # What the interpreter took to get here.
        self.spent = {"imports": time.process_time(), "compilation": 0.0, "work": 0.0}
        self._since = time.process_time()
        self._doing = ["work"]

    def enter(self, what):
        """Count time as spent on this, until `leave` returns to what was before."""
        self._settle()
        self._doing.append(what)

    def leave(self):
        """Count time as it was counted before the last `enter`."""
        self._settle()
        self._doing.pop()

    def write(self, folder):
        """Write the times under the name of the rule, which Snakemake gives to a job's script."""
        self._settle()
        rule = Path(sys.argv[0]).stem.rpartition(".")[2]
        record = {"rule": rule, "began": self.began, "ended": time.time(), **self.spent}
        Path(folder, f"{os.getpid()}.json").write_text(json.dumps(record), encoding="utf-8")

    def _settle(self):
        now = time.process_time()
        self.spent[self._doing[-1]] += now - self._since
        self._since = now


def watch_imports(clock):
    """Time the function that Python calls for every module that is not loaded yet."""
    bootstrap = importlib._bootstrap
    load = bootstrap._find_and_load

    def find_and_load(name, import_):
        clock.enter("imports")
        try:
            module = load(name, import_)
        finally:
            clock.leave()
        if name == "numba.core.event":
            watch_compiler(clock, module)
        return module

    bootstrap._find_and_load = find_and_load


def watch_compiler(clock, event):
    """Time what Numba compiles; what it finds in its cache, it does not compile."""

    class Compilation(event.Listener):
        def on_start(self, _):
            clock.enter("compilation")

        def on_end(self, _):
            clock.leave()

    event.register("numba:compile", Compilation())


if folder := os.environ.get("DLNPAPER_JOB_CLOCK"):
    own_clock = Clock()
    watch_imports(own_clock)
    atexit.register(own_clock.write, folder)
