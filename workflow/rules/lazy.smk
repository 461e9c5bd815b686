"""How far the weights travel, from the lazy regime to the rich one (docs/theory.md, section 7)."""


rule measure_travel:
    input:
        starts="results/starts/lazy.nc",
        modules=package_modules("measure_travel"),
    output:
        "results/travel/lazy.nc",
    log:
        "results/logs/measure_travel.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings("lazy", "depths", "seed", "travel"),
    script:
        "../scripts/measure_travel.py"


rule draw_lazy:
    input:
        starts="results/starts/lazy.nc",
        travels="results/travel/lazy.nc",
        trajectories="results/trajectories/lazy.nc",
        modules=package_modules("draw_lazy"),
    output:
        pdf="figures/lazy.pdf",
        png=report(
            "figures/lazy.png",
            caption="../report/lazy.rst",
            category=SECTIONS[7],
            labels={"result": "Figure: the lazy regime and the rich one"},
        ),
        data="figures/data/lazy.nc",
    log:
        "results/logs/draw_lazy.log",
    conda:
        ENVIRONMENT
    params:
        depth=study_settings("lazy", "drawn_depth")["drawn_depth"],
    script:
        "../scripts/draw_lazy.py"


rule tabulate_lazy:
    input:
        travels="results/travel/lazy.nc",
        modules=package_modules("tabulate_lazy"),
    output:
        csv="results/tables/lazy.csv",
        md="results/tables/lazy.md",
        tex="results/tables/lazy.tex",
        html=report(
            "results/tables/lazy.html",
            caption="../report/lazy_table.rst",
            category=SECTIONS[7],
            labels={"result": "Table: how far the weights travel"},
        ),
    log:
        "results/logs/tabulate_lazy.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_lazy.py"
