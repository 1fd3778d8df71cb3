"""The mapping file at work: read, compared, checked against both catalogs, made definite, confirmed."""
