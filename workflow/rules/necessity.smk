"""Examples that show why each assumption is made (docs/theory.md, section 8)."""


rule integrate_unbalanced:
    input:
        starts="results/starts/necessity.nc",
        modules=package_modules("integrate_unbalanced"),
    output:
        "results/unbalanced/necessity.nc",
    log:
        "results/logs/integrate_unbalanced.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings("necessity", "depths", "seed", "unbalanced"),
    script:
        "../scripts/integrate_unbalanced.py"


rule draw_necessity:
    input:
        starts="results/starts/necessity.nc",
        trajectories="results/trajectories/necessity.nc",
        tied_starts="results/starts/necessity_tie.nc",
        tied_trajectories="results/trajectories/necessity_tie.nc",
        unbalanced="results/unbalanced/necessity.nc",
        modules=package_modules("draw_necessity"),
    output:
        pdf="figures/necessity.pdf",
        png=report(
            "figures/necessity.png",
            caption="../report/necessity.rst",
            category=SECTIONS[8],
            labels={"result": "Figure: four examples"},
        ),
        data="figures/data/necessity.nc",
    log:
        "results/logs/draw_necessity.log",
    conda:
        ENVIRONMENT
    params:
        depth=study_settings("necessity", "drawn_depth")["drawn_depth"],
    script:
        "../scripts/draw_necessity.py"


rule tabulate_necessity:
    input:
        starts="results/starts/necessity.nc",
        trajectories="results/trajectories/necessity.nc",
        tied_starts="results/starts/necessity_tie.nc",
        tied_trajectories="results/trajectories/necessity_tie.nc",
        unbalanced="results/unbalanced/necessity.nc",
        modules=package_modules("tabulate_necessity"),
    output:
        csv="results/tables/necessity.csv",
        md="results/tables/necessity.md",
        tex="results/tables/necessity.tex",
        html=report(
            "results/tables/necessity.html",
            caption="../report/necessity_table.rst",
            category=SECTIONS[8],
            labels={"result": "Table: four examples"},
        ),
    log:
        "results/logs/tabulate_necessity.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_necessity.py"
