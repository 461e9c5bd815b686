"""The report: everything on one page, made only if asked for, as by `make report`."""

PAGE = "src/companion/report"


rule write_report:
    input:
        cards=expand("studies/{study}/study.yaml", study=STUDIES.names()),
        chapters=expand("studies/{chapter}.yaml", chapter=STUDIES.chapters),
        claims=results("claims.json"),
        verdicts=results("tables/claims.csv"),
        manifest=results("manifest.json"),
        theories=STUDIES.theories(),
        figures=expand(figures("{study}.png"), study=STUDIES.names("figure")),
        captions=expand(figures("{study}.md"), study=STUDIES.names("figure")),
        tables=expand(results("tables/{study}.csv"), study=STUDIES.names("table")),
        layout=expand(
            "{page}/{file}",
            page=PAGE,
            file=["page.html.jinja", "note.html.jinja", "page.css", "page.js"],
        ),
        modules=package_modules("write_report"),
    output:
        results("report.html"),
    log:
        results("logs/write_report.log"),
    conda:
        ENVIRONMENT
    params:
        captions=[STUDIES.caption(study, "table") for study in STUDIES.names("table")],
    script:
        "../scripts/write_report.py"
