"""What shows the paper's theorems: studies, storage, provenance, claims, tables and figures."""
