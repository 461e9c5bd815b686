"""The large ensemble, in shards whose number follows from a memory budget (companion.survey.blocks)."""

from companion.own_targets import target_files as target_files_of
from companion.survey.blocks import shards_needed

ENSEMBLE = STUDIES.config["studies"]["scale"]["ensemble"]
MEMORY_MB = STUDIES.config["memory_mb"]
SHARDS = shards_needed(ENSEMBLE["size"], MEMORY_MB)
# What a job takes besides its starts: the program, and the arrays of one block.
PROGRAM_MB = 450


rule survey_shard:
    input:
        target=or_exit(target_files_of, ENSEMBLE["target"]),
        modules=package_modules("survey_shard"),
    output:
        results("scale/shards/{shard}_of_{shards}.nc"),
    log:
        results("logs/survey_shard/{shard}_of_{shards}.log"),
    conda:
        ENVIRONMENT
    resources:
        mem_mb=PROGRAM_MB + MEMORY_MB,
    params:
        settings=ENSEMBLE,
    script:
        "../scripts/survey_shard.py"


rule combine_shards:
    input:
        shards=expand(
            results("scale/shards/{shard}_of_{shards}.nc"), shard=range(SHARDS), shards=SHARDS
        ),
        modules=package_modules("combine_shards"),
    output:
        results("scale/ensemble.nc"),
    log:
        results("logs/combine_shards.log"),
    conda:
        ENVIRONMENT
    script:
        "../scripts/combine_shards.py"
