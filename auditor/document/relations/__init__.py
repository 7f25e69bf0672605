"""What is joined to a document: one module for each topic, all of them named in `table.py`."""
