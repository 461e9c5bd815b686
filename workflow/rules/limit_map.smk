"""The map of limits over all directions (docs/theory.md, section 4)."""


rule draw_limit_map:
    input:
        starts="results/starts/limit_map.nc",
        trajectories="results/trajectories/limit_map.nc",
        modules=package_modules("draw_limit_map"),
    output:
        pdf="figures/limit_map.pdf",
        png=report(
            "figures/limit_map.png",
            caption="../report/limit_map.rst",
            category=SECTIONS[4],
            labels={"result": "Figure: map of limits"},
        ),
        data="figures/data/limit_map.nc",
    log:
        "results/logs/draw_limit_map.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_limit_map.py"
