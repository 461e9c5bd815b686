"""What depth does to the start and to the end of a trajectory (docs/theory.md, section 5)."""


rule measure_depth:
    input:
        starts="results/starts/depth.nc",
        modules=package_modules("measure_depth"),
    output:
        "results/depth/depth.nc",
    log:
        "results/logs/measure_depth.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings("depth", "depths", "scales", "times"),
    script:
        "../scripts/measure_depth.py"


rule draw_depth:
    input:
        effects="results/depth/depth.nc",
        modules=package_modules("draw_depth"),
    output:
        pdf="figures/depth.pdf",
        png=report(
            "figures/depth.png",
            caption="../report/depth.rst",
            category=SECTIONS[5],
            labels={"result": "Figure: what depth does"},
        ),
        data="figures/data/depth.nc",
    log:
        "results/logs/draw_depth.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_depth.py"


rule tabulate_depth:
    input:
        effects="results/depth/depth.nc",
        modules=package_modules("tabulate_depth"),
    output:
        csv="results/tables/depth.csv",
        md="results/tables/depth.md",
        tex="results/tables/depth.tex",
        html=report(
            "results/tables/depth.html",
            caption="../report/depth_table.rst",
            category=SECTIONS[5],
            labels={"result": "Table: laws of depth"},
        ),
    log:
        "results/logs/tabulate_depth.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_depth.py"
