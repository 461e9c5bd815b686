"""The README's table of figures and tables, made from the cards: `python -m companion.readme`."""

from pathlib import Path

from companion.files import write_text
from companion.registry import Studies

README = Path("README.md")
MARKS = "<!-- python -m companion.readme writes this -->", "<!-- end of the studies -->"


def studies_table(studies: Studies) -> str:
    """Return one row in Markdown for every figure and table, by chapter and section."""
    rows = ["| figure or table | what it shows | mathematics |", "|---|---|---|"]
    files = {"figure": "figures/{}.pdf", "table": "results/tables/{}.csv"}
    for name in studies.names():
        for step in (step for step in files if step in studies.cards[name]):
            shows = studies.cards[name][step]["shows"]
            rows.append(f"| `{files[step].format(name)}` | {shows} | {studies.heading(name)} |")
    return "\n".join(rows)


def with_table(readme: str, table: str) -> str:
    """Return the README with this table between its marks."""
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return f"{before}{MARKS[0]}\n\n{table}\n\n{MARKS[1]}{after}"


if __name__ == "__main__":
    table = studies_table(Studies({"large_study": True, "memory_mb": 1}))
    write_text(README, with_table(README.read_text(encoding="utf-8"), table))
