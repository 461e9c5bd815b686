"""Who guarantees the global minimizer, and for what share of starts (docs/theory.md, section 7)."""


rule measure_coverage:
    input:
        modules=package_modules("measure_coverage"),
    output:
        "results/coverage/coverage.nc",
    log:
        "results/logs/measure_coverage.log",
    conda:
        ENVIRONMENT
    params:
        settings=study_settings(
            "coverage", "cases", "s", "omega_fraction", "size", "confidence", "seed"
        ),
    script:
        "../scripts/measure_coverage.py"


rule draw_coverage:
    input:
        coverage="results/coverage/coverage.nc",
        modules=package_modules("draw_coverage"),
    output:
        pdf="figures/coverage.pdf",
        png=report(
            "figures/coverage.png",
            caption="../report/coverage.rst",
            category=SECTIONS[7],
            labels={"result": "Figure: the starts that each theory covers"},
        ),
        data="figures/data/coverage.nc",
    log:
        "results/logs/draw_coverage.log",
    conda:
        ENVIRONMENT
    params:
        ratio=study_settings("coverage", "cases")["cases"]["ratio"],
    script:
        "../scripts/draw_coverage.py"


rule tabulate_coverage:
    input:
        coverage="results/coverage/coverage.nc",
        modules=package_modules("tabulate_coverage"),
    output:
        csv="results/tables/coverage.csv",
        md="results/tables/coverage.md",
        tex="results/tables/coverage.tex",
        html=report(
            "results/tables/coverage.html",
            caption="../report/coverage_table.rst",
            category=SECTIONS[7],
            labels={"result": "Table: exact and sampled coverage"},
        ),
    log:
        "results/logs/tabulate_coverage.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_coverage.py"
