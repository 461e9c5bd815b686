# make          the locked environment in .venv, then every figure and table
# make resume   what `make` does, after a run that was killed: end its jobs, remove its lock, finish it
# make test     the same environment, then everything that checks
# make faults   kill, damage, fill and forbid what can be, and a table of what the user reads; minutes
# make fuzz     thousands of random calls and configurations: a right answer or one sentence each; ten minutes
# make verify   compare the tables of a run with the recorded ones, within stated tolerances
# make record   record the tables of this run instead
# make cf       check every NetCDF file against the CF conventions, by a checker in .venv-cf
# make report   statements, figures, claims, tables and theory on one self-contained page, report.html
# make proof    check the proofs by Coq, which it does not install; two minutes
# make proof-edits  expect Coq to refuse each of more than a hundred false or unproved statements
# make docs     the documentation as an offline site, docs/_build/html/index.html, by Sphinx in .venv-docs
# make browse   every page of that site in a headless Chromium, at a desk's width and a phone's
# make bench    time the closed forms against other solvers, in .venv-bench; a few minutes, one processor
# make profile  run the whole pipeline cold, in a copy, and write what takes its time to docs/performance.md
# make training train networks on digits by JAX and Optax, in .venv-training, and judge what is claimed of that
# make scale    run the large study cut in different ways, and write what it takes to docs/performance.md
# make lock     bring requirements.lock in line with pyproject.toml; LOCK_FLAGS=--upgrade takes newer releases
# make clean    remove what was made, the environment included

PYTHON ?= python3
CORES ?= all
LOCK_FLAGS ?=

# The environment is complete once this file exists; whatever stops the set-up before that, the next
# one begins afresh.
READY := .venv/.ready
INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check

# Snakemake starts its jobs with the unquoted path of its own interpreter. Where the path of the
# project holds a space, the environment is therefore reached through a link whose path has none.
EMPTY :=
ifeq ($(findstring $(EMPTY) ,$(CURDIR)),)
run_in = $(1)/bin/python
else
run_in = link=$$(mktemp -d) && trap 'rm -r "$$link"' EXIT && ln -s "$$PWD/$(1)" "$$link/env" \
	&& "$$link/env/bin/python"
endif
RUN := $(call run_in,.venv)

# Snakemake and others keep caches in the home folder; where that cannot be written to, in the project's.
ifneq ($(shell test -w "$${XDG_CACHE_HOME:-$$HOME}" && echo yes),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
export MPLCONFIGDIR := $(XDG_CACHE_HOME)/matplotlib
endif

# Nothing that another environment or the user's own packages hold may be imported in place of what is locked.
unexport PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE := 1

.PHONY: all resume test faults fuzz verify record cf report proof proof-edits docs browse bench profile training scale lock clean
.DELETE_ON_ERROR:

all: $(READY)
	$(RUN) -m snakemake --cores $(CORES)

resume: $(READY)
	$(RUN) -m companion.recovery $(if $(filter file,$(origin CORES)),,--cores $(CORES))

test: $(READY)
	$(RUN) -m pytest
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	$(RUN) -m snakefmt --check Snakefile workflow
	$(RUN) -m snakemake --lint
	$(RUN) -m mypy

faults: $(READY)
	$(RUN) -m pytest tests/faults -m ''

fuzz: $(READY)
	FUZZ_EXAMPLES=1000 $(RUN) -m pytest tests/fuzz -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true

verify: all
	$(RUN) -m companion.verify

record: all
	$(RUN) -m companion.verify --record

# The one check left out decides by a variable's name that "time" is a date and "depth" one of the sea; the
# conventions give names no meaning.
cf: all .venv-cf/.ready
	.venv-cf/bin/compliance-checker --test cf:1.11 --criteria strict \
		--skip-checks check_spatiotemporal_dims_have_coordinate_vars \
		$$(find results figures -name '*.nc' | sort) > results/logs/cf.txt 2>&1 \
		|| { cat results/logs/cf.txt; exit 1; }
	@echo 'Every NetCDF file follows the CF conventions: results/logs/cf.txt'

report: $(READY)
	$(RUN) -m snakemake --cores $(CORES) results/report.html
	cp results/report.html report.html

# Needs no environment, but Coq with Coquelicot.
proof:
	@"$(PYTHON)" proof/check.py

proof-edits: $(READY)
	$(RUN) -m pytest tests/proof/test_edits.py -m ''

# What is left of an earlier build would hide a page that is no longer made. The notebook's interpreter reads no
# settings of the user's.
docs: .venv-docs/.ready
	rm -rf docs/_build
	IPYTHONDIR="$$PWD/docs/_build/ipython" .venv-docs/bin/python -m sphinx -W --keep-going --quiet -d docs/_build/doctrees docs docs/_build/html
	@echo 'The documentation: docs/_build/html/index.html'

browse: docs
	.venv-docs/bin/python -m tests.docs.browse

bench: .venv-bench/.ready
	.venv-bench/bin/python -m benchmarks.compare
	.venv-bench/bin/python -m benchmarks.two_layers
	.venv-bench/bin/python -m benchmarks.report
	.venv-bench/bin/python -m benchmarks.weight_decay
	.venv-bench/bin/python -m benchmarks.descent

profile: $(READY)
	$(RUN) -m benchmarks.pipeline

# The steps of the framework are first compared with others; all else was made before, by the same versions of the same packages.
training: all .venv-training/.ready
	.venv-training/bin/python -m pytest tests/studies/test_training.py -k framework
	$(call run_in,.venv-training) -m snakemake --cores $(CORES) --config framework_study=True
	.venv-training/bin/python -m companion.verify training

scale: $(READY)
	$(RUN) -m benchmarks.scale

# The lock is hashed, and pip refuses an editable install beside hashes: the package comes second,
# built by the backend that the lock holds.
$(READY): requirements.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	found=$$("$(PYTHON)" --version 2>&1) || found=missing; \
	echo "dlnpaper needs Python 3.11 or newer, but $(PYTHON) is $$found;" \
	'install one, or name another: make PYTHON=python3.12' >&2; exit 1; }
	@echo 'Setting up .venv from requirements.lock'
	rm -f $(READY)
	"$(PYTHON)" -m venv --clear .venv
	$(INSTALL) --require-hashes --requirement requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	touch $(READY)

.venv-bench/.ready: benchmarks/requirements.lock
	"$(PYTHON)" -m venv --clear .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes --requirement benchmarks/requirements.lock
	.venv-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv-training/.ready: studies/training/requirements.lock
	"$(PYTHON)" -m venv --clear .venv-training
	.venv-training/bin/python -m pip install --quiet --require-hashes --requirement $<
	.venv-training/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

.venv-cf/.ready: tests/cf/requirements.lock
	"$(PYTHON)" -m venv --clear .venv-cf
	.venv-cf/bin/python -m pip install --quiet --require-hashes --requirement $<
	touch $@

.venv-docs/.ready: docs/requirements.lock
	"$(PYTHON)" -m venv --clear .venv-docs
	.venv-docs/bin/python -m pip install --quiet --require-hashes --requirement $<
	.venv-docs/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Every call of snakemake, that is every job, imports all executors that are installed: that for SLURM is locked apart.
COMPILE = .venv/bin/uv pip compile --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet $(LOCK_FLAGS)

lock: $(READY)
	$(COMPILE) pyproject.toml --extra pipeline --extra test --group dev --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra bench --group dev --constraint requirements.lock --output-file benchmarks/requirements.lock
	$(COMPILE) pyproject.toml --extra slurm --constraint requirements.lock --output-file profiles/slurm/requirements.lock
	$(COMPILE) pyproject.toml --extra training --group dev --constraint requirements.lock --output-file studies/training/requirements.lock
	$(COMPILE) --group cf --constraint requirements.lock --output-file tests/cf/requirements.lock
	$(COMPILE) pyproject.toml --group docs --group dev --constraint requirements.lock --output-file docs/requirements.lock

clean:
	rm -rf .venv .venv-bench .venv-cf .venv-docs .venv-training docs/_build proof/_build .snakemake .mypy_cache .pytest_cache .ruff_cache .hypothesis results figures report.html
