"""The closed form against integrated flows (docs/theory.md, sections 1 to 3)."""


rule integrate_agreement:
    input:
        starts="results/starts/agreement.nc",
        modules=package_modules("integrate_agreement"),
    output:
        "results/agreement/depth_{depth}.nc",
    log:
        "results/logs/integrate_agreement/depth_{depth}.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=agreement_settings,
    script:
        "../scripts/integrate_agreement.py"


rule draw_agreement:
    input:
        trajectories="results/trajectories/agreement.nc",
        witnesses=agreement_witnesses,
        modules=package_modules("draw_agreement"),
    output:
        pdf="figures/agreement.pdf",
        png=report(
            "figures/agreement.png",
            caption="../report/agreement.rst",
            category=SECTIONS[3],
            labels={"result": "Figure: agreement of the closed form and integrated flows"},
        ),
        data="figures/data/agreement.nc",
    log:
        "results/logs/draw_agreement.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_agreement.py"


rule tabulate_agreement:
    input:
        trajectories="results/trajectories/agreement.nc",
        witnesses=agreement_witnesses,
        modules=package_modules("tabulate_agreement"),
    output:
        csv="results/tables/agreement.csv",
        md="results/tables/agreement.md",
        tex="results/tables/agreement.tex",
        html=report(
            "results/tables/agreement.html",
            caption="../report/agreement_table.rst",
            category=SECTIONS[3],
            labels={"result": "Table: errors of integrated flows"},
        ),
    log:
        "results/logs/tabulate_agreement.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/tabulate_agreement.py"
