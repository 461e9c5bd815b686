"""The large study: made in shards whose number follows from a memory budget (dlnpaper.studies.blocks)."""

from dlnpaper.studies.blocks import shards_needed

SCALE = config["scale"]
# What a job takes besides its starts: the program, and the arrays of one block.
PROGRAM_MB = 450


rule survey_shard:
    input:
        modules=package_modules("survey_shard"),
    output:
        "results/scale/shards/{shard}_of_{shards}.nc",
    log:
        "results/logs/survey_shard/{shard}_of_{shards}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=PROGRAM_MB + SCALE["memory_mb"],
    params:
        settings=SCALE["ensemble"],
    script:
        "../scripts/survey_shard.py"


rule combine_shards:
    input:
        shards=ensemble_shards,
        modules=package_modules("combine_shards"),
    output:
        "results/scale/ensemble.nc",
    log:
        "results/logs/combine_shards.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/combine_shards.py"


rule survey_dimension:
    input:
        modules=package_modules("survey_dimension"),
    output:
        "results/scale/sweep/{dimension}.nc",
    log:
        "results/logs/survey_dimension/{dimension}.log",
    conda:
        ENVIRONMENT
    resources:
        mem_mb=PROGRAM_MB + SCALE["memory_mb"],
    params:
        settings=sweep_settings,
        shards=shards_needed(SCALE["sweep"]["size"], SCALE["memory_mb"]),
    script:
        "../scripts/survey_dimension.py"


rule tabulate_scale:
    input:
        ensemble="results/scale/ensemble.nc",
        modules=package_modules("tabulate_scale"),
    output:
        csv="results/tables/scale.csv",
        md="results/tables/scale.md",
        tex="results/tables/scale.tex",
        html=report(
            "results/tables/scale.html",
            caption="../report/scale.rst",
            category=SECTIONS[6],
            labels={"result": "Table: a million starts"},
        ),
    log:
        "results/logs/tabulate_scale.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_scale.py"


rule tabulate_scale_sweep:
    input:
        sweep=expand("results/scale/sweep/{d}.nc", d=SCALE["sweep"]["dimensions"]),
        modules=package_modules("tabulate_scale_sweep"),
    output:
        csv="results/tables/scale_sweep.csv",
        md="results/tables/scale_sweep.md",
        tex="results/tables/scale_sweep.tex",
        html=report(
            "results/tables/scale_sweep.html",
            caption="../report/scale_sweep.rst",
            category=SECTIONS[6],
            labels={"result": "Table: many targets"},
        ),
    log:
        "results/logs/tabulate_scale_sweep.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_scale_sweep.py"


rule draw_escape:
    input:
        ensemble="results/scale/ensemble.nc",
        sweep=expand("results/scale/sweep/{d}.nc", d=SCALE["sweep"]["dimensions"]),
        modules=package_modules("draw_escape"),
    output:
        pdf="figures/escape.pdf",
        png=report(
            "figures/escape.png",
            caption="../report/escape.rst",
            category=SECTIONS[4],
            labels={"result": "Figure: how long starts stay with other modes"},
        ),
        data="figures/data/escape.nc",
    log:
        "results/logs/draw_escape.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_escape.py"
