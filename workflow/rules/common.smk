"""What the other rules share: the studies under the user's configuration, and named input functions."""

import sys

from companion.dependencies import COMPILED, modules_used, source
from companion.registry import Studies

ENVIRONMENT = "../../envs/dlnpaper.yaml"
TRAINING = "../../envs/training.yaml"
FORMATS = ["csv", "md", "tex"]


def or_exit(function, *arguments):
    """Call a function; leave with the sentence of its error, which Snakemake's would hide."""
    try:
        return function(*arguments)
    except ValueError as problem:
        sys.exit(str(problem))


STUDIES = or_exit(Studies, config)
config.update(STUDIES.config)
# The paths of this run's files: results("tables/limits.csv"), figures("limits.pdf").
results, figures = STUDIES.results, STUDIES.figures


def products(chapter=None):
    """The figures and tables of a chapter, or of all."""
    drawn, tabulated = STUDIES.names("figure", chapter), STUDIES.names("table", chapter)
    return [
        *expand(figures("{study}.{format}"), study=drawn, format=["pdf", "png"]),
        *expand(results("tables/{study}.{format}"), study=tabulated, format=FORMATS),
    ]


def package_modules(script, *modules):
    """What a script and the modules that it loads import: editing one of these files reruns it.

    With a module that Numba compiles comes the mark that it is, so that jobs which start together
    do not all compile the same. The mark is made anew when the module changes, and only then.
    """
    used = modules_used(f"workflow.scripts.{script}", *modules)
    marks = [module.stem for module in used if module.stem in COMPILED]
    own = [source(module) for module in modules]
    return [*own, *used, *expand("results/compiled/{module}.txt", module=marks)]


def ensemble_settings(*keys):
    """A function of wildcards: what a job needs to know of an ensemble, and no more."""
    return lambda wildcards: or_exit(STUDIES.ensemble, wildcards.ensemble, *keys)


def target_files(wildcards):
    """The files of a user's own target, if it is not given by its singular values."""
    return or_exit(STUDIES.target_files, wildcards.ensemble)


def of_step(method, step):
    """A function of wildcards: what a method of `Studies` returns for a step of a study, or a part."""
    return lambda wildcards: method(wildcards.study, step, *wildcards.get("part", "").split())


def measuring_environment(wildcards):
    """The environment in which a study is measured."""
    request = STUDIES.cards[wildcards.study].get("on_request")
    return {"framework_study": TRAINING}.get(request, ENVIRONMENT)


def step_modules(step, script):
    """A function of wildcards: the modules of a step of a study, and of the script that runs it."""
    return lambda wildcards: package_modules(script, f"studies.{wildcards.study}.{step}")


def report_category(wildcards):
    return STUDIES.chapters[STUDIES.cards[wildcards.study]["chapter"]]["title"]


def report_subcategory(wildcards):
    return STUDIES.heading(wildcards.study)


def report_labels(step):
    """A function of wildcards: what the report calls a figure or table."""
    return lambda wildcards: {
        "result": f"{step.capitalize()}: {STUDIES.cards[wildcards.study][step]['title']}"
    }
