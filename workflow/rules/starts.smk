"""From families of starting points to their trajectories: one job for each ensemble and stage."""


rule compile_module:
    input:
        lambda wildcards: source(COMPILED[wildcards.module]),
        "src/dlnpaper/_compilation.py",
    output:
        # For all runs.
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
        target=target_files,
        modules=package_modules("generate_starts"),
    output:
        results("starts/{ensemble}.nc"),
    log:
        results("logs/generate_starts/{ensemble}.log"),
    priority: 1
    conda:
        ENVIRONMENT
    params:
        settings=ensemble_settings("target", "starts", "seed"),
    script:
        "../scripts/generate_starts.py"


rule solve_trajectories:
    input:
        starts=results("starts/{ensemble}.nc"),
        modules=package_modules("solve_trajectories"),
    output:
        results("trajectories/{ensemble}.nc"),
    log:
        results("logs/solve_trajectories/{ensemble}.log"),
    conda:
        ENVIRONMENT
    params:
        settings=ensemble_settings("depths", "times", "trajectories"),
    script:
        "../scripts/solve_trajectories.py"


rule integrate_reference:
    input:
        starts=results("starts/{ensemble}.nc"),
        modules=package_modules("integrate_reference"),
    output:
        results("reference/{ensemble}.nc"),
    log:
        results("logs/integrate_reference/{ensemble}.log"),
    conda:
        ENVIRONMENT
    params:
        settings=ensemble_settings("depths", "times", "reference"),
    script:
        "../scripts/integrate_reference.py"
