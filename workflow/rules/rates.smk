"""How fast trajectories come to each kind of limit (docs/theory.md, section 5)."""

ORIGIN_STUDIES = ["rates_origin", "rates_origin_null"]
RATES_STUDIES = ["rates_global", "rates_saddle", *ORIGIN_STUDIES]


rule draw_rates_global:
    input:
        starts="results/starts/rates_global.nc",
        trajectories="results/trajectories/rates_global.nc",
        modules=package_modules("draw_rates_global"),
    output:
        pdf="figures/rates_global.pdf",
        png=report(
            "figures/rates_global.png",
            caption="../report/rates_global.rst",
            category=SECTIONS[5],
            labels={"result": "Figure: rates to the global minimizer"},
        ),
        data="figures/data/rates_global.nc",
    log:
        "results/logs/draw_rates_global.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_rates_global.py"


rule draw_rates_saddle:
    input:
        starts="results/starts/rates_saddle.nc",
        trajectories="results/trajectories/rates_saddle.nc",
        modules=package_modules("draw_rates_saddle"),
    output:
        pdf="figures/rates_saddle.pdf",
        png=report(
            "figures/rates_saddle.png",
            caption="../report/rates_saddle.rst",
            category=SECTIONS[5],
            labels={"result": "Figure: rates to saddles"},
        ),
        data="figures/data/rates_saddle.nc",
    log:
        "results/logs/draw_rates_saddle.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_rates_saddle.py"


rule draw_rates_origin:
    input:
        starts=expand("results/starts/{study}.nc", study=ORIGIN_STUDIES),
        trajectories=expand("results/trajectories/{study}.nc", study=ORIGIN_STUDIES),
        modules=package_modules("draw_rates_origin"),
    output:
        pdf="figures/rates_origin.pdf",
        png=report(
            "figures/rates_origin.png",
            caption="../report/rates_origin.rst",
            category=SECTIONS[5],
            labels={"result": "Figure: rates to the origin"},
        ),
        data="figures/data/rates_origin.nc",
    log:
        "results/logs/draw_rates_origin.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_rates_origin.py"


rule tabulate_rates:
    input:
        starts=expand("results/starts/{study}.nc", study=RATES_STUDIES),
        trajectories=expand("results/trajectories/{study}.nc", study=RATES_STUDIES),
        modules=package_modules("tabulate_rates"),
    output:
        csv="results/tables/rates.csv",
        md="results/tables/rates.md",
        tex="results/tables/rates.tex",
        html=report(
            "results/tables/rates.html",
            caption="../report/rates.rst",
            category=SECTIONS[5],
            labels={"result": "Table: predicted and measured rates"},
        ),
    log:
        "results/logs/tabulate_rates.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_rates.py"
