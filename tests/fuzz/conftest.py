"""Say at the end how much was fuzzed."""

from fuzzing import RUN


def pytest_terminal_summary(terminalreporter):
    """Print the number of examples of each property."""
    if RUN:
        terminalreporter.section("fuzzing")
        for name, examples in [*RUN.most_common(), ("in all", RUN.total())]:
            terminalreporter.line(f"{examples:7} {name}")
