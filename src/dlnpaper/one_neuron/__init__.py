"""Networks with a one-neuron layer: exact flow, limits, rates, stages and guarantees."""
