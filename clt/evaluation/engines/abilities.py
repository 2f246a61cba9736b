"""What can be done with a model's cache without a change of its answers: tried out, as no table knows every family."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from clt.evaluation.engines.alone import Alone
from clt.evaluation.engines.batch import Batch
from clt.evaluation.engines.network import Network
from clt.evaluation.engines.padding import left_padded
from clt.evaluation.engines.prefix import Prefix

LONG, SHORT, SHARED = 12, 5, 6  # tokens of the prompts that are tried, and of what is seen before one of them
# What logits may differ by, of what they differ by if all but the last token is forgotten: in float32 and otherwise.
EXACT, ROUGH = 0.01, 0.2

_LOG = logging.getLogger("clt.evaluation")


@dataclass(frozen=True, slots=True)
class Abilities:
    """Of a model and its cache; what it lacks costs time only."""

    remembers: bool  # a token can follow what the cache holds
    joins: bool  # rows of different lengths can share a cache, leave it and come
    pads: bool  # padding at the right changes nothing
    masks: bool  # padding at the left, and masked, changes nothing
    continues: bool  # several tokens at once can follow what the cache holds


def abilities(network: Network) -> Abilities:
    """Try them on prompts of any tokens."""
    long = [(7 * place + 3) % network.vocabulary for place in range(LONG)]
    short = [(5 * place + 2) % network.vocabulary for place in range(SHORT)]

    def together(pads: bool) -> torch.Tensor:
        return _together(network, [long, short], pads=pads)

    pads = _is_exact(network, [short, long], lambda: together(pads=True))
    joins = pads or _is_exact(network, [short, long], lambda: together(pads=False))
    found = Abilities(
        remembers=joins or _is_exact(network, [long], lambda: _alone(network, long)),
        joins=joins,
        pads=pads,
        masks=_is_exact(network, [long, short], lambda: _padded(network, [long, short])),
        continues=joins and _is_exact(network, [long], lambda: _after_a_prefix(network, long, pads=pads)),
    )
    _tell(found, network.family)
    return found


def _together(network: Network, prompts: Sequence[Sequence[int]], *, pads: bool) -> torch.Tensor:
    """Logits after the prompts, the last prompt first: from rows that join, and change places before the last token."""
    begun = Prefix(network, [], pads=pads).batches([prompt[:-1] for prompt in prompts])
    batch = Batch.joined([batch for _, batch in begun])
    batch.logits()
    batch.add([prompt[-1] for prompt in prompts])
    batch.keep([*range(len(prompts))][::-1])
    return batch.logits()


def _after_a_prefix(network: Network, prompt: Sequence[int], *, pads: bool) -> torch.Tensor:
    [(_, batch)] = Prefix(network, prompt[:SHARED], pads=pads).batches([prompt])
    return batch.logits()


def _padded(network: Network, prompts: Sequence[Sequence[int]]) -> torch.Tensor:
    ids, mask, positions = left_padded(prompts, network.device)
    return network(ids, mask=mask, positions=positions)


def _alone(network: Network, prompt: Sequence[int]) -> torch.Tensor:
    row = Alone(network, prompt[:-1], remembers=True)
    row.logits()
    row.add(prompt[-1])
    return row.logits()


def _is_exact(network: Network, prompts: Sequence[Sequence[int]], logits: Callable[[], torch.Tensor]) -> bool:
    """Whether these are the logits of a pass without a cache."""

    def literal(prompts: Sequence[Sequence[int]]) -> torch.Tensor:
        passes = [network(torch.tensor([prompt], device=network.device)) for prompt in prompts]
        return torch.cat(passes).float()

    whole = literal(prompts)
    forgotten = literal([prompt[-1:] for prompt in prompts])
    share = EXACT if network.dtype == torch.float32 else ROUGH
    try:
        found = logits().float()
    except torch.OutOfMemoryError:
        raise
    except Exception:  # whatever a family's own code raises where it was not made for this
        _LOG.debug("tried on %s", network.family, exc_info=True)
        return False
    return bool(((found - whole).norm(dim=-1) <= share * (forgotten - whole).norm(dim=-1)).all())


def _tell(found: Abilities, family: str) -> None:
    if not found.remembers:
        _LOG.warning("%s: its cache is not used, as the answers would change; generation is slow", family)
    elif not found.joins:
        _LOG.warning("%s: prompts are answered one by one, as rows cannot share its cache", family)
    elif not found.continues:
        _LOG.info("%s: what prompts begin with in common is computed for each of them", family)
    if not found.masks:
        _LOG.warning("%s: likelihoods are computed one by one, as padding would change them", family)
