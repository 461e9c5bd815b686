"""Random starts of every study, computed again in wide arithmetic (docs/theory.md, section 3)."""

AUDITED_STUDIES = [name for name, settings in config["studies"].items() if "depths" in settings]


rule audit_trajectories:
    input:
        starts="results/starts/{study}.nc",
        modules=package_modules("audit_trajectories"),
    output:
        "results/audit/{study}.nc",
    log:
        "results/logs/audit_trajectories/{study}.log",
    conda:
        ENVIRONMENT
    params:
        settings=audit_settings,
    script:
        "../scripts/audit_trajectories.py"


rule tabulate_audit:
    input:
        audits=expand("results/audit/{study}.nc", study=AUDITED_STUDIES),
        modules=package_modules("tabulate_audit"),
    output:
        csv="results/tables/audit.csv",
        md="results/tables/audit.md",
        tex="results/tables/audit.tex",
        html=report(
            "results/tables/audit.html",
            caption="../report/audit.rst",
            category=SECTIONS[3],
            labels={"result": "Table: random starts of every study, computed again"},
        ),
    log:
        "results/logs/tabulate_audit.log",
    conda:
        ENVIRONMENT
    params:
        studies=AUDITED_STUDIES,
    script:
        "../scripts/tabulate_audit.py"
