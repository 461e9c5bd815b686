"""Random starting points of every ensemble, computed again in extended precision (section 3)."""

AUDITED = STUDIES.ensembles("depths")


# One job for all ensembles, though another setting of one then audits all: most of them take a
# fraction of the time that a job takes to start.
rule audit_trajectories:
    input:
        starts=expand("results/starts/{ensemble}.nc", ensemble=AUDITED),
        modules=package_modules("audit_trajectories"),
    output:
        "results/audit.nc",
    log:
        "results/logs/audit_trajectories.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=lambda _: audit_settings("size", "moments", "seed"),
        ensembles=lambda _: audited_settings(AUDITED),
    script:
        "../scripts/audit_trajectories.py"
