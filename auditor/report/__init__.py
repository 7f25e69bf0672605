"""Step 5: reports. Each renderer makes one format from the record of an audit, and from nothing else.

Text in a record comes from clusters and manifests and is hostile: whoever writes for a terminal or
a browser sends every string through `text.visible` first. tests/report/hostile.py is the corpus
that runs through every renderer.
"""
