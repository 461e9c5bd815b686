"""What is claimed, judged by what was measured; the pipeline stops if a claim is falsified."""

CLAIMING = sorted({claim["study"] for claim in STUDIES.claims()})


# Two rules, since Snakemake removes what a failed job wrote: the verdicts stay, the second job fails.
rule check_claims:
    input:
        cards=expand("studies/{study}/study.yaml", study=CLAIMING),
        chapters=expand("studies/{chapter}.yaml", chapter=STUDIES.chapters),
        tables=expand(results("tables/{study}.csv"), study=CLAIMING),
        modules=package_modules("check_claims"),
    output:
        json=results("claims.json"),
        page=report(
            results("claims.html"),
            caption="../report/caption.rst",
            category="Claims",
            labels={"result": "Verdicts on all claims"},
        ),
        csv=results("tables/claims.csv"),
        md=results("tables/claims.md"),
        tex=results("tables/claims.tex"),
    log:
        results("logs/check_claims.log"),
    conda:
        ENVIRONMENT
    params:
        caption="**All claims** (every section of the theory). Each statement, what is expected of the"
        " rows that measure it, what was measured, and why the tolerance is what it is. A claim is"
        " falsified if the measurement contradicts it, and also if a row is missing, a cell is empty or"
        " a fit did not reach its window. The pipeline stops at a falsified claim.",
    script:
        "../scripts/check_claims.py"


rule require_claims:
    input:
        json=results("claims.json"),
        modules=package_modules("require_claims"),
    output:
        results("claims_supported.txt"),
    log:
        results("logs/require_claims.log"),
    conda:
        ENVIRONMENT
    script:
        "../scripts/require_claims.py"
