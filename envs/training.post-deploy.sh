#!/usr/bin/env bash
# Snakemake runs this in the project's folder after creating the conda environment of training.yaml,
# which lacks only the package itself.
set -euo pipefail

python -m pip install --quiet --no-deps --no-build-isolation --editable .
