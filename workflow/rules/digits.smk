"""Networks that learn the handwritten digits (docs/theory.md, sections 1 and 3)."""


# The target of this study comes from data, not from the configuration.
ruleorder: whiten_digits > generate_starts


rule whiten_digits:
    input:
        modules=package_modules("whiten_digits"),
    output:
        data="results/data/digits.nc",
        starts="results/starts/digits.nc",
    log:
        "results/logs/whiten_digits.log",
    conda:
        ENVIRONMENT
    params:
        settings=digits_settings,
    script:
        "../scripts/whiten_digits.py"


rule draw_digits:
    input:
        data="results/data/digits.nc",
        trajectories="results/trajectories/digits.nc",
        witness="results/witness/digits.nc",
        modules=package_modules("draw_digits"),
    output:
        pdf="figures/digits.pdf",
        png=report(
            "figures/digits.png",
            caption="../report/digits.rst",
            category=SECTIONS[3],
            labels={"result": "Figure: networks that learn handwritten digits"},
        ),
        data="figures/data/digits.nc",
    log:
        "results/logs/draw_digits.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_digits.py"


rule tabulate_digits:
    input:
        data="results/data/digits.nc",
        trajectories="results/trajectories/digits.nc",
        witness="results/witness/digits.nc",
        modules=package_modules("tabulate_digits"),
    output:
        csv="results/tables/digits.csv",
        md="results/tables/digits.md",
        tex="results/tables/digits.tex",
        html=report(
            "results/tables/digits.html",
            caption="../report/digits_table.rst",
            category=SECTIONS[3],
            labels={"result": "Table: the digits as a target"},
        ),
    log:
        "results/logs/tabulate_digits.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_digits.py"
