"""What the pipeline asks of the library: the mathematics of each study, from arrays to tables."""
