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

BEGAN = time.time()
# Until here the interpreter was busy with its own imports.
SPENT = {"imports": time.process_time(), "compilation": 0.0, "work": 0.0}
#: What is being done, and around what: only the innermost counts.
DOING = ["work"]


def settle():
    """Count the processor time since the last call as spent on what is being done."""
    SPENT[DOING[-1]] += time.process_time() - sum(SPENT.values())


def enter(what):
    """Count time as spent on this until `leave`."""
    settle()
    DOING.append(what)


def leave(*_):
    """Count time as it was counted before the last `enter`."""
    settle()
    DOING.pop()


def find_and_load(name, import_, load=importlib._bootstrap._find_and_load):
    """Time what Python calls for every module that is not loaded yet, and watch Numba's events."""
    enter("imports")
    try:
        module = load(name, import_)
    finally:
        leave()
    if name == "numba.core.event":
        # What Numba finds in its cache, it does not compile.
        methods = {"on_start": lambda *_: enter("compilation"), "on_end": leave}
        module.register("numba:compile", type("Compilation", (module.Listener,), methods)())
    return module


def write(folder):
    """Write the times under the name of the rule, which Snakemake gives to a job's script."""
    settle()
    rule = Path(sys.argv[0]).stem.rpartition(".")[2]
    record = {"rule": rule, "seconds": time.time() - BEGAN, **SPENT}
    Path(folder, f"{os.getpid()}.json").write_text(json.dumps(record), encoding="utf-8")


if "DLNPAPER_JOB_CLOCK" in os.environ:
    importlib._bootstrap._find_and_load = find_and_load
    atexit.register(write, os.environ["DLNPAPER_JOB_CLOCK"])
