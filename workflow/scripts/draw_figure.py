"""Draw a study's figure, and keep the data that it shows and its caption beside it."""

from companion.files import write_bytes, write_text
from companion.provenance import current_note
from companion.storage import write_dataset
from companion.style import rendered

from inputs import study_module
from reporting import errors_in_one_sentence

with errors_in_one_sentence(snakemake):
    study, arguments = study_module(snakemake, "figure")
    data = study.data(**arguments)
    write_dataset(data, snakemake.output.data)
    figure = study.draw(data)
    for kind in ("pdf", "png"):
        write_bytes(snakemake.output[kind], rendered(figure, kind, current_note()))
    write_text(snakemake.output.caption, f"{snakemake.params.caption}\n")
