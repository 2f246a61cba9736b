"""One training from its first (or next) optimizer step to its final artifact."""

import logging
import math
import sys
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

import torch

from clt.errors import CellFailure
from clt.models import at_hand, load_tokenizer, make_encoder
from clt.progress import phase, timed
from clt.store import ArtifactFile, CheckpointMetadata, Store, TrainingMetadata, wants_every_checkpoint
from clt.study import ACCELERATOR_TOKENS, CPU_TOKENS, Cell, StudyRecord, checkpoints_activations
from clt.training.checkpoint import Checkpoints
from clt.training.data import BatchSampler, check_vocabulary, read_rows, truncated_prompts
from clt.training.environment import reproducible, training_environment
from clt.training.layout import choose_layout
from clt.training.model import make_optimizer, make_scheduler, model_to_train
from clt.training.processes import Processes
from clt.training.progress_bar import OnStep, progress_bar
from clt.training.scalars import checkpoint_scalars, step_scalars, write_event_files
from clt.training.state_shards import TrainState
from clt.training.states import States, to_jsonl
from clt.training.stop import EXIT_STATUS, StopRequest, stop_request
from clt.training.trackers import tracked
from clt.training.train_step import TrainStep
from clt.training.upload import Uploads
from clt.training.validation import Validation
from clt.training.weights import gather_weights

_LOG = logging.getLogger("clt.training")


def run_training(
    store: Store,
    record: StudyRecord,
    cell: Cell,
    processes: Processes,
    on_step: OnStep | None,
    gone: frozenset[int] = frozenset(),
) -> None:
    """See `clt.training.train`; the cell is not a base model, and complete only where checkpoints are `gone`.

    Raises SystemExit once the state is saved, if the process was asked to end (SIGTERM).
    """
    with (
        timed() as seconds,
        reproducible(record.study.training.cpu_threads),
        progress_bar(on_step, cell.key) as report,
        stop_request() as request,
        tracked(cell.key, {"study": record.key, "model": cell.model}, processes.is_main) as track,
    ):
        try:
            with phase("loading"):
                trainer = Trainer(store, record, cell, processes, gone)
            trainer.track = track
            with trainer.uploads:
                trainer.run(report, request, seconds)
        except torch.OutOfMemoryError as error:
            raise CellFailure(
                f"{cell.key}: not enough memory on the accelerator ({error}); lower training.micro_batch_tokens "
                "or max_tokens, or give the model a larger accelerator or more of them"
            ) from error


class Trainer:
    """What a training is made of, and its loop; every process of a training has one."""

    def __init__(
        self, store: Store, record: StudyRecord, cell: Cell, processes: Processes, gone: frozenset[int] = frozenset()
    ) -> None:
        self.gone = gone  # steps of checkpoints to put back; none: the training is not complete yet
        self.store, self.cell, self.training = store, cell, record.study.training
        self.processes, self.key = processes, record.training_key(cell)
        model = at_hand(record.model(cell), store)
        mixture = store.fetch(record.mixture_key(cell))
        assert model.path is not None, "the plan refuses to train a model without weights"
        encoder = make_encoder(load_tokenizer(model.path, model), model)
        rows = read_rows(mixture / ArtifactFile.TRAIN, encoder, self.training.max_tokens)
        validation_rows = read_rows(mixture / ArtifactFile.VALIDATION, encoder, self.training.max_tokens)
        self.sampler = BatchSampler([row.key for row in rows], cell.seed, self.training)
        checkpointing = checkpoints_activations(record.study, record.facts.models[model.name], model.name)
        root = model_to_train(model, self.training, cell.seed, processes, checkpointing=checkpointing)
        check_vocabulary([*rows, *validation_rows], root.vocabulary, model)
        self.layout, self.truncated = choose_layout(root, processes), truncated_prompts(rows)
        self._warn()
        on_cpu = processes.device.type == "cpu"
        tokens = self.training.micro_batch_tokens or (CPU_TOKENS if on_cpu else ACCELERATOR_TOKENS)
        optimizer = make_optimizer(root, self.training)
        scheduler = make_scheduler(optimizer, self.training, self.sampler.steps)
        self.state = TrainState(network=root.model, optimizer=optimizer, scheduler=scheduler)
        self.train_step = TrainStep(
            rows,
            cell,
            self.training,
            state=self.state,
            root=root,
            processes=processes,
            layout=self.layout,
            tokens=tokens,
        )
        self.validation = Validation(validation_rows, tokens, layout=self.layout, root=root, processes=processes)
        self.checkpoints = Checkpoints(store, self.key, network=root.model, encoder=encoder, name=model.name)
        # The main process looks, as all have to agree.
        self.keeps_all = processes.shared(processes.is_main and wants_every_checkpoint(store, record, cell))
        self.states = States(store, self.key, processes)
        self.uploads = Uploads(processes, self.states, keeps_all=self.keeps_all or bool(gone))
        self.track: Callable[[Mapping[str, float], int], None] = lambda *_: None

    def _warn(self) -> None:
        if not self.processes.is_main:
            return
        if self.layout.because:
            _LOG.warning(f"{self.cell.key}: rows are padded, which costs time and memory: {self.layout.because}")
        if self.truncated:
            shown = ", ".join(f"{count} in {code}" for code, count in self.truncated.items())
            _LOG.warning(
                f"{self.cell.key}: rows that lost the beginning of their prompt to max_tokens = "
                f"{self.training.max_tokens}: {shown}"
            )

    def run(self, report: OnStep, request: StopRequest, seconds: dict[str, float]) -> None:
        """All steps that are not done yet, and the final artifact with the seconds by phase."""
        with phase("loading"):
            self.states.load(self.state, before=min(self.gone, default=math.inf))
        first, last = len(self.state.metrics) + 1, max(self.gone, default=self.sampler.steps)
        saved_at = time.monotonic()
        for step in range(first, last + 1):
            since = time.monotonic() - saved_at if self.processes.is_main else 0.0
            stops, is_due, is_overdue = self._step(step, report, request, since)
            if step % self.training.checkpoint_every == 0 or step == self.sampler.steps:
                self._checkpoint(step)
            if stops:
                self._end(step)
            if is_due and step < last and (is_overdue or self.uploads.is_free):
                with phase("saving"):
                    self.uploads.wait()
                    self.uploads.add_state(self.states.stage(self.state))
                saved_at = time.monotonic()
        self._finish(seconds)

    def _step(self, step: int, report: OnStep, request: StopRequest, since: float) -> tuple[bool, bool, bool]:
        """Do one step, `since` seconds after a state was saved.

        Returns:
            Whether any process was asked to end, whether a state is due, and whether it has waited for other uploads
            for so long that the steps have to wait now.
        """
        pause = 60 * self.training.state_minutes
        due = self.processes.is_main and since >= pause

        def wishes() -> tuple[bool, ...]:  # what all processes have to agree on travels with the loss
            return request.came, due, due and since >= 2 * pause > 0, self.uploads.is_open

        try:
            line, (stops, is_due, is_overdue, uploads) = self.train_step(step, self.sampler.batch(step), wishes)
        except CellFailure:  # the same in all processes: the weights that it says stay may still be on their way
            self.uploads.wait()
            raise
        self.state.metrics.append(line)
        self.track(step_scalars(line), step)
        if self.processes.is_main:
            report(step, self.sampler.steps, line.loss, line.tokens_per_second)
        if self.uploads.is_begun and not uploads:
            with phase("saving"):
                self.uploads.settle()
                self.uploads.proceed()
        return stops, is_due, is_overdue

    def _checkpoint(self, step: int) -> None:
        """Validate, and have the weights published if they are wanted."""
        with phase("validating"):
            losses = self.validation.losses()
        mean = sum(losses.values()) / len(losses)
        facts = CheckpointMetadata(step=step, validation_loss=mean, validation=losses)
        standing = self.processes.shared(self.checkpoints.standing(step) if self.processes.is_main else None)
        if self.gone:
            self.checkpoints.require_same(facts)
            wanted = step in self.gone
        else:
            # One that an interrupted run published stands, and its validation loss with it.
            facts = standing or facts
            best = min((checkpoint.validation_loss for checkpoint in self.state.checkpoints), default=math.inf)
            wanted = standing is None and (self.keeps_all or facts.validation_loss < best)
        self.state.checkpoints.append(facts)
        self.track(checkpoint_scalars(facts), step)
        if wanted:
            with phase("saving"):
                self.uploads.make_room()
                weights = gather_weights(self.state.network, self.processes, getattr(torch, self.training.precision))
                publish = self.checkpoints.publisher(facts, weights) if self.processes.is_main else None
                self.uploads.add_weights(publish)

    def _end(self, step: int) -> NoReturn:
        with phase("saving"):
            self.uploads.wait()
            self.uploads.add_state(self.states.stage(self.state))
            self.uploads.wait()
        _LOG.warning(
            f"{self.cell.key}: asked to end (SIGTERM) after step {step}, whose state the next start goes on from"
        )
        sys.exit(EXIT_STATUS)

    def _finish(self, seconds: dict[str, float]) -> None:
        with phase("saving"):
            self.uploads.wait()
        if self.processes.is_main:
            if not self.gone:
                self._publish(seconds)
            self.states.prune("the training is complete")
        self.processes.wait_until(lambda: True)

    def _publish(self, seconds: dict[str, float]) -> None:
        metrics, checkpoints = self.state.metrics, self.state.checkpoints
        trained = round(sum(line.seconds for line in metrics), 3)
        selected = min(checkpoints, key=lambda checkpoint: (checkpoint.validation_loss, checkpoint.step))
        with self.store.writer(self.key) as attempt:
            (attempt.path / ArtifactFile.METRICS).write_text(to_jsonl(metrics), encoding="utf-8")
            write_event_files(attempt.path / ArtifactFile.TENSORBOARD, metrics, checkpoints)
            TrainingMetadata(
                selected=selected.step,
                checkpoints=checkpoints,
                tokens=sum(line.tokens for line in metrics),
                padded_because=self.layout.because,
                truncated=self.truncated,
                seconds=trained,
                seconds_by_phase=seconds | {"training": trained},
                environment=training_environment(self.processes.device, self.processes.count),
            ).write(attempt)
