"""What the sections of the page show, a file a section: each `view` prepares what its template of the same name writes.

A view returns None where the input holds nothing for it; the page then names it under methods, with the reason.
"""
