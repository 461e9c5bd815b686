"""What every study is made of: a measurement, a figure and a table, where it has them."""


rule measure_study:
    input:
        unpack(of_step(STUDIES.inputs, "measure")),
        modules=step_modules("measure", "measure_study"),
    output:
        results("measured/{study}/{part}.nc"),
    log:
        results("logs/measure_study/{study}/{part}.log"),
    wildcard_constraints:
        study="|".join(STUDIES.names("measure")),
    priority: 1
    conda:
        measuring_environment
    params:
        settings=of_step(STUDIES.settings, "measure"),
    script:
        "../scripts/measure_study.py"


rule draw_figure:
    input:
        unpack(of_step(STUDIES.inputs, "figure")),
        modules=step_modules("figure", "draw_figure"),
    output:
        pdf=figures("{study}.pdf"),
        png=report(
            figures("{study}.png"),
            caption="../report/caption.rst",
            category=report_category,
            subcategory=report_subcategory,
            labels=report_labels("figure"),
        ),
        caption=figures("{study}.md"),
        data=figures("data/{study}.nc"),
    log:
        results("logs/draw_figure/{study}.log"),
    wildcard_constraints:
        study="|".join(STUDIES.names("figure")),
    conda:
        ENVIRONMENT
    params:
        settings=of_step(STUDIES.settings, "figure"),
        caption=of_step(STUDIES.caption, "figure"),
    script:
        "../scripts/draw_figure.py"


rule tabulate_study:
    input:
        unpack(of_step(STUDIES.inputs, "table")),
        modules=step_modules("table", "tabulate_study"),
    output:
        csv=results("tables/{study}.csv"),
        md=results("tables/{study}.md"),
        tex=results("tables/{study}.tex"),
        html=report(
            results("tables/{study}.html"),
            caption="../report/caption.rst",
            category=report_category,
            subcategory=report_subcategory,
            labels=report_labels("table"),
        ),
    log:
        results("logs/tabulate_study/{study}.log"),
    wildcard_constraints:
        study="|".join(STUDIES.names("table")),
    conda:
        ENVIRONMENT
    params:
        settings=of_step(STUDIES.settings, "table"),
        caption=of_step(STUDIES.caption, "table"),
    script:
        "../scripts/tabulate_study.py"
