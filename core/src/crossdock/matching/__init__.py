"""What means the same on two platforms: objects, fields and options, matched by words, types and values.

Nothing here does any I/O but reading the package's own data. `pairing` proposes fields, `objects` objects,
`choices` the options of selects; `reasons` and `unmapped` say in words why.
"""
