"""From initialization grids to trajectories, figures and tables: see workflow/README.md.

`snakemake --cores 8` makes everything; a file's name as the target makes only what that file needs.
"""

import gc

# Snakemake and, at the end of this file, the rules stay as long as the program runs. A garbage collector
# that goes through them again and again would take a sixth of a dry run.
gc.freeze()


# Before Snakemake reads them: a file that is not what it must be is named in one sentence.
include: "workflow/rules/config_files.smk"


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/recovery.smk"


# What the pipeline delivers: a study adds its figure or table here and its rules below.
FIGURES = [
    "limit_map",
    "trajectories",
    "agreement",
    "saddle_trap",
    "digits",
    "rates_global",
    "rates_saddle",
    "rates_origin",
    "coverage",
    "necessity",
    "lazy",
    "stages",
    "stage_bounds",
    "depth",
]
TABLES = [
    "limits",
    "agreement",
    "saddle_trap",
    "digits",
    "rates",
    "coverage",
    "necessity",
    "lazy",
    "stages",
    "depth",
    "audit",
]
# The large study is made with all the rest where the configuration asks for it.
if config["large_study"]:
    FIGURES += ["escape"]
    TABLES += ["scale", "scale_sweep"]


rule all:
    default_target: True
    input:
        expand("figures/{figure}.{format}", figure=FIGURES, format=["pdf", "png"]),
        expand("results/tables/{table}.{format}", table=TABLES, format=["csv", "md", "tex"]),
        "results/claims_supported.txt",
        "results/manifest.json",


include: "workflow/rules/ensembles.smk"
include: "workflow/rules/limit_map.smk"
include: "workflow/rules/trajectories.smk"
include: "workflow/rules/limits.smk"
include: "workflow/rules/agreement.smk"
include: "workflow/rules/saddle_trap.smk"
include: "workflow/rules/digits.smk"
include: "workflow/rules/coverage.smk"
include: "workflow/rules/necessity.smk"
include: "workflow/rules/lazy.smk"
include: "workflow/rules/rates.smk"
include: "workflow/rules/depth.smk"
include: "workflow/rules/stages.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/manifest.smk"


gc.freeze()
