"""What is taken for the noise between runs where a study repeats none, or hardly any: by the plan and by the report.

The English-only run of Aya 23 7B stands three times in the paper's tables, in each of its three tasks: tables 4 to 6
(instructions), 11 to 13 (summaries), 18 to 20 (maths), trained again each time. Differences between the three, in
log-odds (judgements of 1 to 5 as shares of that range), split into what all seven languages but English have in common
and what each has of its own (two-way analysis of variance), averaged over the tasks.
"""

COMMON_SD, LANGUAGE_SD = 0.10, 0.12  # between runs, in log-odds; tests/statistics/inference recompute them
PRIOR_DF = 6  # three tasks, two degrees of freedom each
