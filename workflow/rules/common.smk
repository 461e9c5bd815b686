"""What the other rules files share: the checked configuration and named input and parameter functions."""

import sys
from pathlib import Path

from workflow.config_files import studies_problem
from workflow.dependencies import modules_used
from workflow.validation import claims_problem, config_problem, read_yaml, unknown

ENVIRONMENT = "../../envs/dlnpaper.yaml"
CLAIMS = "config/claims.yaml"

# The report's categories: the sections of docs/theory.md.
SECTIONS = {
    3: "Section 3: the closed form",
    4: "Section 4: where trajectories go",
    5: "Section 5: how fast they get there",
    6: "Section 6: the stages on the way",
    7: "Section 7: what others guarantee",
    8: "Section 8: why each assumption is made",
}

# Left at once, without an error of Snakemake's, whose traceback would hide the sentence.
if problem := config_problem(config, Path("workflow/schemas/config.schema.yaml")):
    sys.exit(problem)
if problem := studies_problem(config["studies"]):
    sys.exit(problem)


# The modules whose functions take Numba seconds to compile.
COMPILED = ["kernel", "quadrature"]


def package_modules(script):
    """What a script imports, from the package and beside it: editing one of these files reruns it.

    With a module that Numba compiles comes the mark that it is, so that jobs which start together
    do not all compile the same. The mark is made anew when the module changes, and only then.
    """
    modules = modules_used(script)
    used = [module.stem for module in modules if module.stem in COMPILED]
    return [*modules, *expand("results/compiled/{module}.txt", module=used)]


def study_settings(study, *keys):
    """What a job needs to know of a study, and no more: changing any other setting does not rerun it."""
    if study not in config["studies"]:
        sys.exit(unknown("study", study, list(config["studies"])))
    settings = config["studies"][study]
    for key in keys:
        if key not in settings:
            sys.exit(f"config: studies.{study} lacks the key {key}; add it")
    return {key: settings[key] for key in keys}


def starts_settings(wildcards):
    return study_settings(wildcards.study, "target", "starts", "seed")


def depths_settings(wildcards):
    return study_settings(wildcards.study, "depths")


def trajectories_settings(wildcards):
    return study_settings(wildcards.study, "depths", "times", "trajectories")


def witness_settings(wildcards):
    return study_settings(wildcards.study, "depths", "times", "witness")


def claimed_tables(tables):
    """The tables, among those that the pipeline makes, that the claims are judged by."""
    claims = read_yaml(Path(CLAIMS))
    schema = Path("workflow/schemas/claims.schema.yaml")
    if problem := claims_problem(claims, schema, list(config["studies"]), tables):
        sys.exit(problem)
    return sorted({claim["table"] for claim in claims})


def agreement_witnesses(_):
    depths = study_settings("agreement", "depths")["depths"]
    return expand("results/agreement/depth_{depth}.nc", depth=depths)


def agreement_settings(_):
    return study_settings("agreement", "times", "seed", "integrations")


def saddle_trap_settings(_):
    return study_settings("saddle_trap", "depths", "times", "solvers")


def digits_settings(_):
    return study_settings("digits", "starts", "seed")


def audited_settings(studies):
    """By study its depths and times; a study that keeps no trajectories has no times of its own."""
    times = {
        study: config["studies"][study].get("times", config["audit"]["times"]) for study in studies
    }
    return {study: {**study_settings(study, "depths"), "times": times[study]} for study in studies}


def ensemble_shards(wildcards):
    shards = shards_needed(SCALE["ensemble"]["size"], SCALE["memory_mb"])
    return expand("results/scale/shards/{shard}_of_{shards}.nc", shard=range(shards), shards=shards)


def sweep_settings(wildcards):
    """All but the dimensions: another one changes no file of those that there are."""
    return {key: value for key, value in SCALE["sweep"].items() if key != "dimensions"}
