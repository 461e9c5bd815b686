"""What stands where the files of all rules belong, once these are known."""

from companion.places import origin_sentence, place_sentence

if workflow.is_main_process:
    FILES = [str(file) for rule in workflow.rules for file in rule.output]
    # Of the first Snakemake would say nothing that helps, or that nothing is to be done; results from
    # elsewhere it would take for up to date, whatever their settings.
    for sentence in [place_sentence(FILES), origin_sentence(FILES, sys.argv[1:])]:
        if sentence:
            sys.exit(sentence)
