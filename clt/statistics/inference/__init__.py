"""Methods: from arrays of scores and estimates to intervals, tests and fits.

Most know nothing but arrays; contrasts and run noise take curves, which say which runs share items and seeds.
"""
