"""What the other rules files share: the checked configuration and named input and parameter functions."""

from pathlib import Path

from snakemake.exceptions import WorkflowError

from workflow.dependencies import modules_used
from workflow.validation import unknown, validate_config

ENVIRONMENT = "../../envs/dlnpaper.yaml"

validate_config(config, Path("workflow/schemas/config.schema.yaml"))


def package_modules(script):
    """Source files that a script imports, from the package and beside it: editing one reruns the script's rule."""
    return modules_used(Path("workflow/scripts", f"{script}.py"))


def study_settings(study, *keys):
    """The settings of a study that a rule uses: changing any other reruns nothing."""
    if study not in config["studies"]:
        raise WorkflowError(unknown("study", study, list(config["studies"])))
    return {key: config["studies"][study][key] for key in keys}


def starts_settings(wildcards):
    return study_settings(wildcards.study, "target", "starts", "seed")


def trajectories_settings(wildcards):
    return study_settings(wildcards.study, "depths", "times", "trajectories")


def witness_settings(wildcards):
    return study_settings(wildcards.study, "depths", "times", "witness")
