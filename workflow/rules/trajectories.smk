"""Trajectories to each kind of limit (docs/theory.md, sections 3 and 4)."""


rule draw_trajectories:
    input:
        starts="results/starts/trajectories.nc",
        trajectories="results/trajectories/trajectories.nc",
        modules=package_modules("draw_trajectories"),
    output:
        pdf="figures/trajectories.pdf",
        png=report(
            "figures/trajectories.png",
            caption="../report/trajectories.rst",
            category=SECTIONS[4],
            labels={"result": "Figure: trajectories"},
        ),
        data="figures/data/trajectories.nc",
    log:
        "results/logs/draw_trajectories.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/draw_trajectories.py"
