"""Every file of the results, with its hash, how it was made, and the claims that it bears on."""


rule write_manifest:
    input:
        cards=expand("studies/{study}/study.yaml", study=CLAIMING),
        files=products(),
        data=expand(figures("data/{study}.nc"), study=STUDIES.names("figure")),
        claims=expand(results("tables/claims.{format}"), format=FORMATS),
        modules=package_modules("write_manifest"),
    output:
        results("manifest.json"),
    log:
        results("logs/write_manifest.log"),
    conda:
        ENVIRONMENT
    script:
        "../scripts/write_manifest.py"


# In no rule's output, since it differs from run to run.
onsuccess:
    if workflow.is_main_process:
        from companion.provenance import write_run_record

        write_run_record(results("run.json"))
