"""What to run next: the cells that are expected to lower the regret of the recommendations most for their hours.

curves      all that may be run: the study's grid and, as one extended study, new n, seeds and single donors
arms        what a belief is about, and which arms a cell measures
kernel      how much the rises of two mixtures have to do with each other
belief      the joint normal distribution of all arms, and what runs make of it
candidates  cells that go together
objectives  what they are run for: regret, or the width of a claim's interval
ordering    one after another, the most worth an hour first
situation   where a study stands, by its request and by reading its store
propose     all of it, for a study; proposal and wording, how it is said; writing, its study file
"""

from clt.next_cells.proposal import Expectation, NextStep, Proposal
from clt.next_cells.propose import propose
from clt.next_cells.request import Claim, NextRequest
from clt.next_cells.writing import study_text

__all__ = ["Claim", "Expectation", "NextRequest", "NextStep", "Proposal", "propose", "study_text"]
