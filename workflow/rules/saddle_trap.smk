"""Starts that end in a saddle, in singular coordinates and in a rotated basis (docs/theory.md, section 4)."""


rule follow_saddle_trap:
    input:
        starts="results/starts/saddle_trap.nc",
        modules=package_modules("follow_saddle_trap"),
    output:
        "results/saddle_trap.nc",
    log:
        "results/logs/follow_saddle_trap.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=saddle_trap_settings,
    script:
        "../scripts/follow_saddle_trap.py"


rule draw_saddle_trap:
    input:
        followed="results/saddle_trap.nc",
        modules=package_modules("draw_saddle_trap"),
    output:
        pdf="figures/saddle_trap.pdf",
        png=report(
            "figures/saddle_trap.png",
            caption="../report/saddle_trap.rst",
            category=SECTIONS[4],
            labels={"result": "Figure: the saddle trap"},
        ),
        data="figures/data/saddle_trap.nc",
    log:
        "results/logs/draw_saddle_trap.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_saddle_trap.py"


rule tabulate_saddle_trap:
    input:
        followed="results/saddle_trap.nc",
        modules=package_modules("tabulate_saddle_trap"),
    output:
        csv="results/tables/saddle_trap.csv",
        md="results/tables/saddle_trap.md",
        tex="results/tables/saddle_trap.tex",
        html=report(
            "results/tables/saddle_trap.html",
            caption="../report/saddle_trap_table.rst",
            category=SECTIONS[4],
            labels={"result": "Table: where solvers say that saddle starts end"},
        ),
    log:
        "results/logs/tabulate_saddle_trap.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_saddle_trap.py"
