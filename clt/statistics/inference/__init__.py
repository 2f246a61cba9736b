"""Methods that know no study: from scores and estimates to intervals, tests and fits."""
