"""Files for the destination's own importer instead of its API: written, imported by a person, and proven.

spool       what a run would have sent, in its order
filing      a run whose destination is the spool
sheets      the files, within the importer's limits
attached    contents of files, in folders
byhand      what a person has to make at the destination first
checklist   the page that the person follows
writing     all of that in one go
exports     what the destination exports afterwards
proof       the export against the ledger
"""
