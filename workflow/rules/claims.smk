"""What is claimed, judged by what was measured; the pipeline stops if a claim is falsified."""


# Two rules, since Snakemake removes what a failed job wrote: the verdicts stay, the second job fails.
rule check_claims:
    input:
        claims=CLAIMS,
        tables=expand("results/tables/{table}.csv", table=claimed_tables(TABLES)),
        modules=package_modules("check_claims"),
    output:
        json="results/claims.json",
        page=report(
            "results/claims.html",
            caption="../report/claims.rst",
            category="Claims",
            labels={"result": "Verdicts on all claims"},
        ),
        csv="results/tables/claims.csv",
        md="results/tables/claims.md",
        tex="results/tables/claims.tex",
    log:
        "results/logs/check_claims.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/check_claims.py"


rule require_claims:
    input:
        json="results/claims.json",
        modules=package_modules("require_claims"),
    output:
        "results/claims_supported.txt",
    log:
        "results/logs/require_claims.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/require_claims.py"
