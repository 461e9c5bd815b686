"""Random starts of every study, computed again in wide arithmetic (docs/theory.md, section 3)."""

AUDITED_STUDIES = [name for name, settings in config["studies"].items() if "depths" in settings]


# One job for all studies, though another setting of one then audits all: most of them take a fraction
# of the time that a job takes to start.
rule audit_trajectories:
    input:
        starts=expand("results/starts/{study}.nc", study=AUDITED_STUDIES),
        modules=package_modules("audit_trajectories"),
    output:
        expand("results/audit/{study}.nc", study=AUDITED_STUDIES),
    log:
        "results/logs/audit_trajectories.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=config["audit"],
        studies=audited_settings(AUDITED_STUDIES),
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
