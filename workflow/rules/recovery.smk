"""What the user reads where a run cannot start, or did not come to its end."""

import sys
from pathlib import Path

from companion import arguments
from companion.recovery import future_sentence, lock_sentence, write_sentence
from companion.validation import file_problem

if workflow.is_main_process:
    # To this Snakemake would only add that it cannot have the lock.
    if sentence := lock_sentence(Path.cwd()):
        print(sentence, file=sys.stderr)
    # After these it would show a traceback, believe old results, or keep the last of two equal keys.
    files = [Path(file) for file in ["config/config.yaml", *workflow.overwrite_configfiles]]
    for sentence in [
        write_sentence(".snakemake"),
        future_sentence(sys.argv[1:]),
        *map(file_problem, files),
    ]:
        if sentence:
            sys.exit(sentence)


# Not before: what needs no write works in read-only folders.
onstart:
    if workflow.is_main_process:
        if sentence := write_sentence("results", "figures"):
            sys.exit(sentence)
        settings = workflow.config_settings
        own = arguments.settings_arguments(settings.configfiles, settings.config)
        arguments.keep(config["run"], sys.argv[1:], own)


onerror:
    print(
        "The run stopped before its end; what it finished is kept. Once the cause is gone, finish it with: make resume",
        file=sys.stderr,
    )
