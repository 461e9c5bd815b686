"""Check the proof of the theory by Coq: `make proof`, or `python3 proof/check.py`.

Every file is compiled in proof/_build, Coq's independent checker goes over the result, and every
theorem is listed with its section and with what it assumes. What is stated in Statements.v, or for
another chapter in a file like StatementsDecay.v, is proved in Theorems.v or TheoremsDecay.v.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).parent
BUILD = SOURCE / "_build"
#: What Coq's real numbers rest on; nothing else may be assumed.
AXIOMS = {
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}
INSTALL = "coqc is missing; install Coq and Coquelicot: apt install coq libcoq-coquelicot"

_STATEMENT = re.compile(
    r"\(\* (?P<sections>(?:[A-Z][a-z ]+)?[\d., andto]+): (?P<summary>[^*]*)\*\)\s*"
    r"Definition (?P<name>\w+) : Prop :="
)


@dataclass(frozen=True)
class Statement:
    """A statement, and where it is proved."""

    name: str
    #: The module of its theorem.
    module: str
    #: Its sections of docs/theory.md, such as "3.1 to 3.3", or of a chapter that it names.
    sections: str
    summary: str


def statements(folder: Path = SOURCE) -> list[Statement]:
    """Return what is stated, in the order of the files."""
    return [
        Statement(
            found["name"],
            name.replace("Statements", "Theorems").removesuffix(".v"),
            found["sections"],
            " ".join(found["summary"].split()),
        )
        for name in stating(folder)
        for found in _STATEMENT.finditer((folder / name).read_text(encoding="utf-8"))
    ]


def stating(folder: Path = SOURCE) -> list[str]:
    """Return the names of the files that state what is proved."""
    return [name for name in files(folder) if name.startswith("Statements")]


def files(folder: Path = SOURCE) -> list[str]:
    """Return the names of the files in the order in which they depend on each other."""
    lines = (folder / "_CoqProject").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.endswith(".v")]


def coq(
    command: str, *arguments: str, folder: Path, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one of Coq's programs on the files of a folder, for some seconds at most."""
    return subprocess.run(
        [command, "-Q", ".", "OneNeuron", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def build(folder: Path) -> str:
    """Compile all files of a folder; return what Coq says of the first that fails, or nothing."""
    for name in files(folder):
        result = coq("coqc", "-q", "-w", "-ambiguous-paths", name, folder=folder)
        if result.returncode:
            return (result.stderr + result.stdout).strip() or f"{name} cannot be compiled"
    return ""


def assumptions(folder: Path, stated: list[Statement]) -> dict[str, set[str]]:
    """Return which axioms each theorem of a compiled folder rests on."""
    lines = [f"From OneNeuron Require {' '.join(sorted({each.module for each in stated}))}."]
    for each in stated:
        lines.append(f'Goal True. idtac "theorem {each.name}". Abort.')
        lines.append(f"Print Assumptions {each.module}.{each.name}.")
    (folder / "Assumptions.v").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = coq("coqc", "-q", "-w", "-all", "Assumptions.v", folder=folder)
    if result.returncode:
        raise RuntimeError(result.stderr.strip())
    parts = re.split(r"^theorem (\w+)$", result.stdout, flags=re.MULTILINE)[1:]
    return {
        name: set(re.findall(r"^([\w.]+)\s*:", printed.replace("Axioms:", ""), re.MULTILINE))
        for name, printed in zip(parts[::2], parts[1::2], strict=True)
    }


def copy(folder: Path) -> None:
    """Copy the sources into a folder of their own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("_CoqProject", *files()):
        shutil.copy(SOURCE / name, folder)


def main() -> int:
    """Build, check and list everything; return whether something is wrong."""
    if shutil.which("coqc") is None:
        print(INSTALL, file=sys.stderr)
        return 1
    copy(BUILD)
    if error := build(BUILD):
        print(error, file=sys.stderr)
        return 1
    stated = statements()
    modules = sorted({f"OneNeuron.{each.module}" for each in stated})
    checked = coq("coqchk", "-silent", "-o", *modules, folder=BUILD)
    if checked.returncode:
        print(checked.stderr + checked.stdout, file=sys.stderr)
        return 1
    rests = assumptions(BUILD, stated)
    width = max(len(each.name) for each in stated)
    place = max(len(each.sections) for each in stated)
    print(f"{'theorem':{width}}  {'section':{place}}  axioms")
    for each in stated:
        extra = rests[each.name] - AXIOMS
        shown = ", ".join(sorted(extra)) or f"{len(rests[each.name])} of Coq's reals"
        print(f"{each.name:{width}}  {each.sections:{place}}  {shown}")
    print("\nAxioms of Coq's real numbers:", *sorted(AXIOMS), sep="\n  ")
    if unknown := set().union(*rests.values()) - AXIOMS:
        print(f"These are assumed beyond them: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    print(f"{len(stated)} theorems; coqchk found nothing wrong.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
