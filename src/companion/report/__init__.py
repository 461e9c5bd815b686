"""The report: one page that shows statements, figures, claims, tables and theory together."""
