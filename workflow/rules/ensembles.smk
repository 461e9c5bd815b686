"""From families of starting points to their trajectories: one job for each study and stage."""


rule compile_module:
    input:
        "src/dlnpaper/{module}.py",
        "src/dlnpaper/compilation.py",
    output:
        "results/compiled/{module}.txt",
    log:
        "results/logs/compile_module/{module}.log",
    wildcard_constraints:
        module="|".join(COMPILED),
    # Before all else, since most of the pipeline waits for it.
    priority: 2
    conda:
        ENVIRONMENT
    script:
        "../scripts/compile_module.py"


rule generate_starts:
    input:
        modules=package_modules("generate_starts"),
    output:
        "results/starts/{study}.nc",
    log:
        "results/logs/generate_starts/{study}.log",
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=starts_settings,
    script:
        "../scripts/generate_starts.py"


rule solve_trajectories:
    input:
        starts="results/starts/{study}.nc",
        modules=package_modules("solve_trajectories"),
    output:
        "results/trajectories/{study}.nc",
    log:
        "results/logs/solve_trajectories/{study}.log",
    conda:
        ENVIRONMENT
    params:
        settings=trajectories_settings,
    script:
        "../scripts/solve_trajectories.py"


rule integrate_witness:
    input:
        starts="results/starts/{study}.nc",
        modules=package_modules("integrate_witness"),
    output:
        "results/witness/{study}.nc",
    log:
        "results/logs/integrate_witness/{study}.log",
    conda:
        ENVIRONMENT
    params:
        settings=witness_settings,
    script:
        "../scripts/integrate_witness.py"
