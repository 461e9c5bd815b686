"""Every table of the pipeline is one that LaTeX takes."""

from tests.latex import compiled


def test_every_table_compiles(first_run, tmp_path):
    files = sorted((first_run.folder / "results/tables").glob("*.tex"))
    assert len(files) >= 12
    compiled([file.read_text(encoding="utf-8") for file in files], tmp_path)
