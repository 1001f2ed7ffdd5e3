"""A policy as a folder: weights, ``config.json``, a card, and ``training.safetensors``, from which training resumes.

No code inside, and nothing that chooses any: the name of an environment is looked up among those that are registered,
and the module that would register it is not named in the file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise.arrays import Array
from gatewise.control import history
from gatewise.control.card import card
from gatewise.control.history import Entry
from gatewise.control.moments import moments_of
from gatewise.control.network import check_weights, make_network
from gatewise.control.policy import Policy, Reads
from gatewise.control.record import SCHEMA, PolicyRecord, SavedBudget, SavedEnvironment, SavedPolicy
from gatewise.control.training import Training
from gatewise.control.training_state import restore, state_arrays
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks import model_dir
from gatewise.tasks.model_dir import CARD, CONFIG, METRICS, REPORT, TRAINING, WEIGHTS
from gatewise.tasks.model_files import (
    NETWORK,
    load_networks,
    packed,
    parse_config,
    read_folder,
)
from gatewise.tasks.options import single_input_cell
from gatewise.version import __version__

# --- writing --------------------------------------------------------------------------------------


def save(at: Training, folder: Path, force: bool, report: str | None) -> None:
    """Write a training. Raises InputError as ``model_dir`` does."""
    model_dir.check_free(folder, force)
    arrays = {name: np.ascontiguousarray(array) for name, array in state_arrays(at).items()}
    setting = at.setting
    record = PolicyRecord(
        policy=at.policy,
        cell=at.cell,
        options=at.options,
        environment=SavedEnvironment(
            name=None if setting.name is None else setting.name.rpartition(":")[2],
            module=(setting.name or "").rpartition(":")[0] or None,
            hide=setting.hide,
            max_steps=setting.max_steps,
        ),
        frames=at.frames,
        updates=at.updates,
        seconds=at.seconds,
        history=at.history,
        training=save_arrays(arrays),
        budget=None if at.budget is None else SavedBudget(**vars(at.budget)),
        handed_out=at.handed_out,
    )
    files = policy_files(record, report is not None)
    if report is not None:
        files[REPORT] = report.encode()
    model_dir.write(folder, files)


def policy_files(record: PolicyRecord, report: bool) -> dict[str, bytes]:
    """The files of a policy by their names; ``report``: whether there is a report beside them."""
    policy, training = record.policy, record.training
    more = {} if policy.moments is None else policy.moments.arrays("moments")
    weights, digest = packed([policy.network], more)
    config = SavedPolicy(
        schema_version=SCHEMA,
        kind="policy",
        gatewise=__version__,
        weights_sha256=digest,
        cell=json.loads(record.cell.to_json()),
        observation=policy.observation,
        action=policy.action,
        options=record.options,
        environment=record.environment,
        reward_scale=policy.reward_scale,
        frames=record.frames,
        updates=record.updates,
        seconds=round(record.seconds, 3),
        training_sha256=None if training is None else hashlib.sha256(training).hexdigest(),
        budget=record.budget,
        handed_out=record.handed_out,
    )
    files = {
        WEIGHTS: weights,
        CONFIG: config.model_dump_json(indent=1).encode(),
        CARD: card(record, report).encode(),
    }
    if training is not None:
        files[TRAINING] = training
    if record.history:
        files[METRICS] = history.lines(record.history).encode()
    return files


# --- reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """What a folder holds.

    Attributes:
        policy, config, cell: the model.
        history: of its training.
        training: the file of the state of the training; None where there is none.
        folder: where it was read.
    """

    policy: Policy
    config: SavedPolicy
    cell: Cell
    history: list[Entry]
    training: bytes | None
    folder: Path


def load_policy(folder: str | Path) -> Policy:
    """Read the policy of a folder; neither its environment nor its training is needed.

    Raises InputError if it is missing, damaged, changed, of another kind or from a newer version.
    """
    return _model(Path(folder))[0]


def read_config(folder: Path) -> SavedPolicy:
    """What is said of a saved policy. Raises InputError as ``load_policy`` does."""
    return _model(folder)[1]


def read(folder: Path) -> Saved:
    """All of a folder. Raises InputError as ``load_policy`` does."""
    policy, config, cell = _model(folder)
    training = None
    if config.training_sha256 is not None:
        training = model_dir.read_extra(folder, TRAINING)
        digest = None if training is None else hashlib.sha256(training).hexdigest()
        if digest != config.training_sha256:
            raise InputError(f"{folder / TRAINING} is damaged or was changed: get the model again")
    entries = history.parse(model_dir.read_extra(folder, METRICS) or b"")
    return Saved(policy, config, cell, entries, training, folder)


def resume(at: Training, record: Saved) -> bool:
    """Bring a training to the state of a folder.

    Returns whether its episodes stand where they stood. Raises InputError for a state that is damaged.
    """
    assert record.training is not None
    try:
        return restore(at, load_arrays(record.training))
    except InputError:
        raise
    except (KeyError, ValueError, TypeError, RuntimeError, IndexError, SafetensorError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(f"{record.folder / TRAINING} is damaged: {reason:.300}") from None


def _model(folder: Path) -> tuple[Policy, SavedPolicy, Cell]:
    kind = model_dir.kind_of(folder)
    if kind not in (None, "policy"):
        raise InputError(
            f"{folder} holds a model of the kind {kind!r:.80}, not a policy: read it with gatewise.tasks.load"
        )
    return read_folder(
        folder,
        lambda text, where: parse_config(text, where, SavedPolicy, SCHEMA),
        lambda cell: single_input_cell(cell, "a policy gives it one"),
        _restored,
    )


def _restored(
    config: SavedPolicy, cell: Cell, arrays: dict[str, Array]
) -> tuple[Policy, SavedPolicy, Cell]:
    options, width = config.options, config.observation.width
    reads = Reads(options.previous_action, options.previous_reward)
    more = reads.width(config.action)
    networks = load_networks(
        arrays, lambda: make_network(cell, config.observation, more, config.action, options)
    )
    if len(networks) != 1:
        raise InputError("a policy has one network")
    check_weights(networks[0])
    names = {n for n in arrays if not NETWORK.fullmatch(n)}
    moments = None
    if options.normalize_observations:
        moments = moments_of(arrays, "moments", width)
        names -= {"moments.mean", "moments.variance", "moments.count"}
    if names:
        raise InputError(f"there is an array that has no place: {min(names):.80}")
    policy = Policy(
        networks[0], config.observation, config.action, moments, reads, config.reward_scale
    )
    return policy, config, cell
