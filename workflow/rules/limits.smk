"""The table of limits: predicted against reached (docs/theory.md, section 4)."""

LIMITS_STUDIES = ["limits_distinct", "limits_tied"]


rule tabulate_limits:
    input:
        starts=expand("results/starts/{study}.nc", study=LIMITS_STUDIES),
        witness=expand("results/witness/{study}.nc", study=LIMITS_STUDIES),
        modules=package_modules("tabulate_limits"),
    output:
        csv="results/tables/limits.csv",
        md="results/tables/limits.md",
        tex="results/tables/limits.tex",
        html=report(
            "results/tables/limits.html",
            caption="../report/limits.rst",
            category=SECTIONS[4],
            labels={"result": "Table: predicted and reached limits"},
        ),
    log:
        "results/logs/tabulate_limits.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_limits.py"
