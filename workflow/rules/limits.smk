"""The table of limits: predicted against reached (docs/theory.md, section 4)."""

LIMITS_STUDIES = ["limits_distinct", "limits_tied"]


rule tabulate_limits:
    input:
        starts=expand("results/starts/{study}.nc", study=LIMITS_STUDIES),
        witness=expand("results/witness/{study}.nc", study=LIMITS_STUDIES),
        modules=package_modules("tabulate_limits"),
    output:
        csv=report(
            "results/tables/limits.csv",
            caption="../report/limits.rst",
            category="Where trajectories go",
        ),
        md="results/tables/limits.md",
        tex="results/tables/limits.tex",
    log:
        "results/logs/tabulate_limits.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_limits.py"
