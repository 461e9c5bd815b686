#!/usr/bin/env bash
# Snakemake runs this in the project's folder once it has made the conda environment of dlnpaper.yaml:
# the one thing missing there is the package itself.
set -euo pipefail

python -m pip install --quiet --no-deps --no-build-isolation --editable .
