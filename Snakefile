"""From initialization grids to trajectories, figures and tables: see workflow/README.md.

`snakemake --cores 8` makes everything; a file's name as the target makes only what that file needs.
"""

import gc

# Snakemake and the rules stay as long as the program runs. A garbage collector that goes through
# them again and again would take a sixth of a dry run.
gc.freeze()


# Before the configuration is read: a file that is not what it must be is named in one sentence.
include: "workflow/rules/recovery.smk"


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        [products(chapter) for chapter in STUDIES.chapters],
        results("claims_supported.txt"),
        results("manifest.json"),


# A chapter by its name: snakemake --cores 8 theorem
for chapter in STUDIES.chapters:

    rule:
        name:
            chapter
        input:
            products(chapter),


include: "workflow/rules/starts.smk"
include: "workflow/rules/studies.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/manifest.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/places.smk"


gc.freeze()
