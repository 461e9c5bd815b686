"""Figures, one module each: ``numbers`` selects what is drawn, ``draw`` draws it."""
