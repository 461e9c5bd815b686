"""The studies: what their cards say, with what a user's configuration says otherwise.

A card is a `studies/<study>/study.yaml`; `workflow/schemas/study.schema.yaml` lists its keys.
Everything that lists studies, figures, tables or claims asks this module.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from companion.claim_settings import differences, stated_under
from companion.ensemble_settings import ensembles_problem
from companion.expectations import Ensemble
from companion.own_targets import target_files
from companion.templates import dotted, filled, value
from companion.validation import problem_of, read_yaml, unknown

CARDS = Path("studies")
SCHEMAS = Path("workflow/schemas")
RESULTS, FIGURES = "results", "figures"
#: The theory page of a chapter that names none.
THEORY = "docs/theory.md"
#: Keys of the configuration by which studies are asked for that are not made otherwise.
REQUESTS = ("large_study", "framework_study")
#: A configuration under which every study is made.
EVERY_STUDY: Mapping[str, Any] = {**dict.fromkeys(REQUESTS, True), "memory_mb": 1}
#: Folders within these two, which no run may be named after.
TAKEN = (
    "compiled",
    "data",
    "logs",
    "measured",
    "reference",
    "scale",
    "starts",
    "tables",
    "trajectories",
)
#: The one part of a measurement that is not made in parts.
WHOLE = "all"


class Studies:
    """All studies of the project under one configuration.

    In a user's configuration ``ensembles`` and ``studies`` replace what the cards say, and what
    else it holds all studies share. A ``ValueError`` says where a card or the configuration does
    not fit, with the path of the key and a remedy.
    """

    def __init__(self, config: Mapping[str, Any], folder: Path = Path()):
        self.cards = {
            path.parent.name: read_yaml(path)
            for path in sorted(folder.glob(f"{CARDS}/*/study.yaml"))
        }
        self.chapters = {
            path.stem: read_yaml(path) for path in sorted(folder.glob(f"{CARDS}/*.yaml"))
        }
        self._check_cards(read_yaml(folder / SCHEMAS / "study.schema.yaml"))
        self._check_chapters(read_yaml(folder / SCHEMAS / "chapter.schema.yaml"))
        self.chapters = dict(sorted(self.chapters.items(), key=lambda item: item[1]["number"]))
        self.config = overridden(self._defaults(), config)
        self._check_config(read_yaml(folder / SCHEMAS / "config.schema.yaml"))
        self._ensembles = _facts(self.config["ensembles"])
        self._check_requirements()

    def results(self, name: str) -> str:
        """Return the path of a file of this run, ``results/<run>/<name>``."""
        return "/".join([RESULTS, *filter(None, [self.config["run"]]), name])

    def figures(self, name: str) -> str:
        """Return the path of a figure of this run, ``figures/<run>/<name>``."""
        return "/".join([FIGURES, *filter(None, [self.config["run"]]), name])

    def names(self, step: str | None = None, chapter: str | None = None) -> list[str]:
        """Return the studies that are made, in the order of the theory.

        They may be those of a chapter, or have a step: "measure", "figure" or "table".
        """
        names = [
            name
            for name, card in self.cards.items()
            if (step is None or step in card)
            and chapter in (None, card["chapter"])
            and ("on_request" not in card or self.config[card["on_request"]])
        ]

        def place(name):
            card = self.cards[name]
            return list(self.chapters).index(card["chapter"]), card["section"]

        return sorted(names, key=place)

    def ensemble(self, name: str, *keys: str) -> dict[str, Any]:
        """Return some settings of an ensemble, those that a job depends on."""
        ensembles = self.config["ensembles"]
        if name not in ensembles:
            raise ValueError(unknown("ensemble", name, list(ensembles)))
        ensemble = ensembles[name]
        if missing := [key for key in keys if key not in ensemble]:
            raise ValueError(f"ensembles.{name} lacks the key {missing[0]}; add it")
        return {key: ensemble[key] for key in keys}

    def target_files(self, ensemble: str) -> list[str]:
        """Return the files from which the target of an ensemble is read."""
        target = self.ensemble(ensemble, "target")["target"]
        try:
            return target_files(target)
        except ValueError as error:
            raise ValueError(f"config: ensembles.{ensemble}.{error}") from error

    def parts(self, study: str) -> dict[str, Any]:
        """Return the parts in which a study is measured, by their names; each is one job."""
        parts = self.cards[study]["measure"].get("parts", [WHOLE])
        values = self._value(study, parts) if isinstance(parts, str) else parts
        return {str(value): value for value in values}

    def inputs(self, study: str, step: str, part: str = WHOLE) -> dict[str, str | list[str]]:
        """Return the files that a step reads, by the keyword under which it gets them."""
        measured = step != "measure" and "measure" in self.cards[study]
        default = {"measured": f"measured/{study}"} if measured else {}
        inputs = self.cards[study][step].get("inputs", default)
        return {
            keyword: self._files(name.format(part=part))
            if isinstance(name, str)
            else [str(self._files(each)) for each in name]
            for keyword, name in inputs.items()
        }

    def settings(self, study: str, step: str, part: str = WHOLE) -> dict[str, Any]:
        """Return the settings that a step gets, by keyword, and its ``part`` if it has parts."""
        names = self.cards[study][step].get("settings", [])
        settings = {name: self._value(study, name, part) for name in names}
        return settings if part == WHOLE else {**settings, "part": self.parts(study)[part]}

    def caption(self, study: str, step: str) -> str:
        """Return the caption of a figure or table, with the settings that it names."""
        try:
            return filled(self.cards[study][step]["caption"], self._names(study))
        except ValueError as error:
            raise ValueError(
                f"{CARDS}/{study}/study.yaml: {step}.caption must name settings in braces, but"
                f" {error}; a brace itself is written twice"
            ) from error

    def theory(self, chapter: str) -> str:
        """Return the page that derives what a chapter shows."""
        return self.chapters[chapter].get("theory", THEORY)

    def theories(self) -> list[str]:
        """Return the theory pages of all chapters, in their order."""
        return list(dict.fromkeys(self.theory(chapter) for chapter in self.chapters))

    def heading(self, study: str) -> str:
        """Return the section of its chapter's theory page to which a study belongs."""
        card = self.cards[study]
        title = self.chapters[card["chapter"]]["sections"][card["section"]]
        return f"Section {card['section']}: {title}"

    def claims(self) -> list[dict[str, Any]]:
        """Return the claims of all studies under these settings.

        Each has its ``study`` and ``source``; ``own``, whether its study has other settings than
        the cards say; and ``not_applicable``, why it is not about these settings, or empty.
        """
        return [
            self._claim(name, claim)
            for name in self.names()
            for claim in self.cards[name].get("claims", [])
        ]

    def layouts(self) -> dict[str, dict[str, Any]]:
        """Return, by study, the ``rows`` and ``tolerances`` of the tables that are recorded."""
        return {
            name: {key: self.cards[name]["table"].get(key, []) for key in ("rows", "tolerances")}
            for name in self.names("table")
            if "rows" in self.cards[name]["table"]
        }

    def _files(self, name: str) -> str | list[str]:
        kind, _, study = name.partition("/")
        if kind != "measured":
            return self.results(f"{name}.nc")
        files = [self.results(f"{name}/{part}.nc") for part in self.parts(study)]
        return files if "parts" in self.cards[study]["measure"] else files[0]

    def _value(self, study: str, name: str, part: str = WHOLE) -> Any:
        """Return a setting of the study, else of the ensemble of the part or study, else shared."""
        ensembles = self.config["ensembles"]
        for owner in (
            self.config["studies"].get(study, {}),
            ensembles.get(part, {}),
            ensembles.get(study, {}),
            self.config,
        ):
            if name in owner:
                return owner[name]
        raise ValueError(f"studies/{study}/study.yaml: {name} is no setting; define it there")

    def _names(self, study: str, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what expressions in a card may name: its settings, all ensembles and the rest."""
        if config is None:
            config, ensembles = self.config, self._ensembles
        else:
            ensembles = _facts(config["ensembles"])
        settings = {key: dotted(each) for key, each in config["studies"].get(study, {}).items()}
        return {**config, **ensembles, **settings}

    def _claim(self, study: str, claim: Mapping[str, Any]) -> dict[str, Any]:
        try:
            names = self._names(study), self._names(study, {**self.config, **self._defaults()})
            stated = stated_under(claim, *names, self._changed(study))
        except ValueError as error:
            place = f"{CARDS}/{study}/study.yaml: the claim {claim['id']}"
            raise ValueError(f"{place}: {error}") from error
        chapter = self.chapters[self.cards[study]["chapter"]]
        source = f"{chapter['title']}. {self.heading(study)}"
        return {**stated, "study": study, "source": source}

    def _changed(self, study: str) -> list[str]:
        """Return the settings on which a study rests and that differ from the cards', dotted."""
        default, current = self._defaults(), self.config
        kinds = zip(("ensembles", "studies"), self._rests_on(study), strict=True)
        return [
            path
            for kind, names in kinds
            for name in sorted(names & default[kind].keys())
            for path in differences(f"{kind}.{name}", default[kind][name], current[kind][name])
        ]

    def _rests_on(self, study: str) -> tuple[set[str], set[str]]:
        """Return the ensembles and the studies whose settings decide a study's table."""
        ensembles, studies = {study} & set(self.config["ensembles"]), {study}
        for step in {"measure", "table"} & set(self.cards[study]):
            for part in self.parts(study) if step == "measure" else [WHOLE]:
                names = self.cards[study][step].get("inputs", {"measured": f"measured/{study}"})
                for each in names.values():
                    for name in [each] if isinstance(each, str) else each:
                        kind, _, of = name.format(part=part).partition("/")
                        if kind == "measured" and of != study:
                            others = self._rests_on(of)
                            ensembles, studies = ensembles | others[0], studies | others[1]
                        elif kind == "audit":
                            ensembles |= set(self.config["ensembles"])
                        elif kind in ("starts", "trajectories", "reference"):
                            ensembles.add(of)
        return ensembles, studies

    def _defaults(self) -> dict[str, Any]:
        ensembles: dict[str, Any] = {}
        for card in self.cards.values():
            ensembles |= card.get("ensembles", {})
        settings = {
            name: {key: schema["default"] for key, schema in card["settings"].items()}
            for name, card in self.cards.items()
            if "settings" in card
        }
        requests = dict.fromkeys(REQUESTS, False)
        return {"ensembles": ensembles, "studies": settings, **requests, "run": ""}

    def _check_cards(self, schema: Mapping[str, Any]) -> None:
        owners: dict[str, str] = {}
        for name, card in self.cards.items():
            problem = problem_of(card, schema)
            if not problem and card["chapter"] not in self.chapters:
                problem = unknown("chapter", card["chapter"], list(self.chapters))
            if not problem:
                problem = _name_problem(name, card, owners)
            if problem:
                raise ValueError(f"{CARDS}/{name}/study.yaml: {problem}")

    def _check_chapters(self, schema: Mapping[str, Any]) -> None:
        """Check the chapters: what their statements name must exist, and their numbers differ."""
        numbered = dict[int, str]()
        for name, chapter in self.chapters.items():
            problem = problem_of(chapter, schema) or _statements_problem(chapter, self.cards)
            if not problem and (earlier := numbered.get(chapter["number"])):
                problem = f"number {chapter['number']} is that of {earlier}.yaml; choose another"
            if problem:
                raise ValueError(f"{CARDS}/{name}.yaml: {problem}")
            numbered[chapter["number"]] = name

    def _check_config(self, schema: dict[str, Any]) -> None:
        """Check the configuration against its schema, to which the cards add their own keys."""
        ensembles, studies = (schema["properties"][key] for key in ("ensembles", "studies"))
        default = self._defaults()["ensembles"]
        ensembles["properties"] = {name: {"$ref": "#/$defs/ensemble"} for name in default}
        closed = {"title": "setting", "type": "object", "additionalProperties": False}
        studies["properties"] = {
            name: {**closed, "properties": card["settings"]}
            for name, card in self.cards.items()
            if "settings" in card
        }
        schema["properties"]["run"]["not"] = {"enum": list(TAKEN)}
        problem = problem_of(self.config, schema)
        problem = problem or ensembles_problem(self.config["ensembles"], default)
        if problem:
            raise ValueError(f"config: {problem}")

    def _check_requirements(self) -> None:
        """Check what the studies that are made require of their settings."""
        for name in self.names():
            for requirement in self.cards[name].get("requires", []):
                try:
                    if value(requirement["if"], self._names(name)):
                        continue
                    sentence = filled(requirement["else"], self._names(name))
                except ValueError as error:
                    sentence = str(error)
                raise ValueError(f"config: {sentence}")


def overridden(defaults: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested mappings in which the values of ``overrides`` replace those of ``defaults``."""
    merged = dict(defaults)
    for key, new in overrides.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            # A target that is given in another way takes nothing from the one that it replaces.
            if key != "target" or new.keys() <= old.keys():
                new = overridden(old, new)
        merged[key] = new
    return merged


def _facts(ensembles: Mapping[str, Any]) -> dict[str, Ensemble]:
    return {name: Ensemble(settings) for name, settings in ensembles.items()}


def _name_problem(study: str, card: Mapping[str, Any], owners: dict[str, str]) -> str | None:
    """Return which name in a card is taken; note in ``owners`` those that it takes."""
    names = [f"ensemble {name}" for name in card.get("ensembles", {})]
    names += [f"claim {claim['id']}" for claim in card.get("claims", [])]
    for name in names:
        if name in owners:
            other = owners[name]
            return f"the {name} must have a name of its own, but {other} has it as well; rename one"
        owners[name] = study
    return None


def _statements_problem(chapter: Mapping[str, Any], cards: Mapping[str, Any]) -> str | None:
    """Return what the statements of a chapter name that does not exist; None if all does."""
    claims = [claim["id"] for card in cards.values() for claim in card.get("claims", [])]
    known = {"section": list(chapter["sections"]), "study": list(cards), "claim": claims}
    entries = [*chapter.get("statements", []), *filter(None, [chapter.get("checks")])]
    for entry in entries:
        named = {"section": "sections", "study": "studies", "claim": "claims"}
        for kind, key in named.items():
            if missing := [name for name in entry.get(key, []) if name not in known[kind]]:
                problem = unknown(kind, str(missing[0]), [str(name) for name in known[kind]])
                return f"statement {entry['id']}: {problem}"
    return None
