"""The stages on the way to the global minimizer, and their bounds (docs/theory.md, section 6)."""

STAGE_CASES = ["square", "wide", "null_directions", "rank_one"]


rule measure_stages:
    input:
        starts="results/starts/stages.nc",
        modules=package_modules("measure_stages"),
    output:
        "results/stages/stages.nc",
    log:
        "results/logs/measure_stages.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings("stages", "depths"),
    script:
        "../scripts/measure_stages.py"


rule summarize_stages:
    input:
        starts="results/starts/{study}.nc",
        modules=package_modules("summarize_stages"),
    output:
        "results/stage_summaries/{study}.nc",
    log:
        "results/logs/summarize_stages/{study}.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=depths_settings,
    script:
        "../scripts/summarize_stages.py"


rule draw_stages:
    input:
        starts="results/starts/stages.nc",
        trajectories="results/trajectories/stages.nc",
        stages="results/stages/stages.nc",
        modules=package_modules("draw_stages"),
    output:
        pdf="figures/stages.pdf",
        png=report(
            "figures/stages.png",
            caption="../report/stages.rst",
            category=SECTIONS[6],
            labels={"result": "Figure: the three stages"},
        ),
        data="figures/data/stages.nc",
    log:
        "results/logs/draw_stages.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings("stages", "drawn_depth"),
    script:
        "../scripts/draw_stages.py"


rule draw_stage_bounds:
    input:
        summaries=expand("results/stage_summaries/stages_{case}.nc", case=STAGE_CASES),
        modules=package_modules("draw_stage_bounds"),
    output:
        pdf="figures/stage_bounds.pdf",
        png=report(
            "figures/stage_bounds.png",
            caption="../report/stage_bounds.rst",
            category=SECTIONS[6],
            labels={"result": "Figure: observed against bound"},
        ),
        data="figures/data/stage_bounds.nc",
    log:
        "results/logs/draw_stage_bounds.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_stage_bounds.py"


rule tabulate_stages:
    input:
        summaries=expand("results/stage_summaries/stages_{case}.nc", case=STAGE_CASES),
        modules=package_modules("tabulate_stages"),
    output:
        csv="results/tables/stages.csv",
        md="results/tables/stages.md",
        tex="results/tables/stages.tex",
        html=report(
            "results/tables/stages.html",
            caption="../report/stages_table.rst",
            category=SECTIONS[6],
            labels={"result": "Table: bounds of the stages"},
        ),
    log:
        "results/logs/tabulate_stages.log",
    conda:
        ENVIRONMENT
    params:
        cases=STAGE_CASES,
    script:
        "../scripts/tabulate_stages.py"
