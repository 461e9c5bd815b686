"""Random starting points of every ensemble, computed again in extended precision (section 3)."""

AUDIT = STUDIES.config["studies"]["audit"]
# An ensemble that keeps no trajectories has no times of its own.
AUDITED = {
    name: {"depths": ensemble["depths"], "times": ensemble.get("times", AUDIT["times"])}
    for name, ensemble in STUDIES.config["ensembles"].items()
    if "depths" in ensemble
}


# One job for all ensembles, though another setting of one then audits all: most of them take a
# fraction of the time that a job takes to start.
rule audit_trajectories:
    input:
        starts=expand(results("starts/{ensemble}.nc"), ensemble=AUDITED),
        modules=package_modules("audit_trajectories"),
    output:
        results("audit.nc"),
    log:
        results("logs/audit_trajectories.log"),
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings={key: AUDIT[key] for key in ("size", "moments", "seed")},
        ensembles=AUDITED,
    script:
        "../scripts/audit_trajectories.py"
