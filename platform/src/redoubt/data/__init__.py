"""Data: from a file of an allow-listed source to a content-addressed snapshot with its lineage."""
