"""Every file of the results, with its hash, how it was made, and the claims that it bears on."""


rule write_manifest:
    input:
        claims=CLAIMS,
        figures=expand("figures/{figure}.{format}", figure=FIGURES, format=["pdf", "png"]),
        data=expand("figures/data/{figure}.nc", figure=FIGURES),
        tables=expand(
            "results/tables/{table}.{format}",
            table=[*TABLES, "claims"],
            format=["csv", "md", "tex"],
        ),
        modules=package_modules("write_manifest"),
    output:
        "results/manifest.json",
    log:
        "results/logs/write_manifest.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/write_manifest.py"


# In no rule's output, since it differs from run to run.
onsuccess:
    if workflow.is_main_process:
        from workflow.run_record import write_run_record

        write_run_record("results/run.json")
