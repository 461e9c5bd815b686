"""The files of the configuration, checked before Snakemake reads them.

It would keep the last of two equal keys, and show a traceback where a file is no text.
"""

import sys
from pathlib import Path

from workflow.config_files import file_problem

if workflow.is_main_process:
    # What the command line names has been read already, but for two equal keys without complaint.
    for file in ["config/config.yaml", *workflow.overwrite_configfiles]:
        if problem := file_problem(Path(file)):
            sys.exit(problem)
