"""One reader for each kind of document; all return the model of `workflow.importing.tables.table`.

`workflow.importing.documents` picks the reader. A reader is a function of the bytes and the file's name.
"""
