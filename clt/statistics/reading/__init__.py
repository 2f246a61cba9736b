"""The answers of an evaluated cell, to be read: taken from the store, as one page, and the pages beside a report."""
