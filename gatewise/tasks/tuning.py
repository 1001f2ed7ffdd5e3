"""``tune``: look for better options of any estimator, one fit after another, and resume after an interruption.

What is compared is the loss on the validation part, never on the part that judges: the figures of the model
that is fitted in the end stay honest. Options are proposed by Optuna's TPE (Bergstra et al. 2011).
"""

from __future__ import annotations

import hashlib
import inspect
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.base import clone

from gatewise.errors import InputError, TrainingError
from gatewise.extras import require
from gatewise.tasks.data_digest import digest_of
from gatewise.tasks.estimator import Estimator

if TYPE_CHECKING:
    from optuna import Study, Trial

DEFAULTS = "defaults"  # the name of the first fit
QUICK = {"folds": 1, "members": 1}  # of a fit that is only compared
Report = Callable[["Fit"], None]


@dataclass(frozen=True)
class Range:
    """Numbers between two, with the ends.

    Attributes:
        low, high: the ends.
        log: whether factors count rather than differences.
        whole: only whole numbers.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise InputError(
                f"a range goes from a number to a larger one, not {self.low}:{self.high}"
            )

    def propose(self, trial: Trial, name: str) -> Any:
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[str | int | float | bool | None, ...]

    def propose(self, trial: Trial, name: str) -> Any:
        return trial.suggest_categorical(name, self.values)


Search = Mapping[str, Range | Choice]
# what is looked at, of an estimator that has it
SEARCH: dict[str, Range | Choice] = {
    "units": Range(16, 256, log=True, whole=True),
    "learning_rate": Range(1e-3, 3e-2, log=True),
    "dropout": Range(0.0, 0.6),
    "noise": Range(0.0, 0.6),
    "cell": Choice(("lstm", "gru")),
}


@dataclass(frozen=True)
class Fit:
    """One fit of the search.

    Attributes:
        options: that it had; empty for the defaults.
        loss: on the validation part; None where training broke off.
        seconds: that it took.
        number: how many there were before it.
    """

    options: dict[str, Any]
    loss: float | None
    seconds: float
    number: int

    def describe(self) -> str:
        """For people."""
        told = ", ".join(
            f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in self.options.items()
        )
        loss = "broke off" if self.loss is None else f"{self.loss:.4f}"
        return f"{self.number:3}  {loss:>9}  {self.seconds:6.1f} s  {told or DEFAULTS}"


@dataclass(frozen=True)
class Tuned:
    """The end of a search.

    Attributes:
        fits: all of them, in order; the first is of the defaults.
        best: the one with the least loss.
    """

    fits: tuple[Fit, ...]
    best: Fit


def tune(
    model: Estimator[Any],
    *data: Any,
    trials: int = 20,
    search: Search | None = None,
    time_limit: float | None = None,
    study: str | Path | None = None,
    seed: int = 0,
    report: Report | None = None,
    **more: Any,
) -> Tuned:
    """Look for better options.

    Args:
        model: an estimator; it is not changed. ``model.set_params(**tuned.best.options)`` takes the best ones up.
        data: what its ``fit`` takes; ``more`` by name.
        trials: fits beside that of the defaults.
        search: options and where to look for them; None: ``SEARCH``, as far as the estimator has them and its
            own cell is that of ``SEARCH``.
        time_limit: seconds after which no fit is begun.
        study: a file that keeps the fits. An older one of the same search is resumed.
        seed: of the proposals.
        report: is told each fit when it has ended.

    Raises:
        InputError: for options that the estimator does not have, a study of another search, and as ``fit`` does.
        MissingExtra: where Optuna is not installed.
    """
    require("tuning", "tune", ("optuna",))
    search = _search(model, search)
    begun = time.monotonic()
    records = _open_study(study, _fingerprint(model, search, data, more), seed)
    fits = [_recorded(trial) for trial in records.trials if trial.state.is_finished()]
    base = clone(model).set_params(
        **{k: v for k, v in QUICK.items() if k in model.get_params(deep=False)}
    )
    while len(fits) <= trials:
        if fits and time_limit is not None and time.monotonic() - begun > time_limit:
            break
        trial = records.ask()
        # the first has the defaults, and tells the search nothing
        options = {name: one.propose(trial, name) for name, one in search.items()} if fits else {}
        began = time.monotonic()
        loss = _loss(clone(base).set_params(**options), data, more)
        fit = Fit(options, loss, time.monotonic() - began, len(fits))
        trial.set_user_attr("seconds", fit.seconds)
        _tell(records, trial, loss)
        fits.append(fit)
        if report is not None:
            report(fit)
    done = [fit for fit in fits if fit.loss is not None]
    if not done:
        raise TrainingError("no fit of the search came to an end: look at one with the defaults")
    return Tuned(tuple(fits), min(done, key=lambda fit: (fit.loss, fit.number)))


def parse_search(texts: list[str], model: type) -> dict[str, Range | Choice]:
    """``units=32:128`` and ``cell=lstm,gru`` as a search; a range of whole numbers gives whole numbers.

    Raises InputError.
    """
    search: dict[str, Range | Choice] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value:
            raise InputError(f"{text!r}: write --search units=32:128 or --search cell=lstm,gru")
        low, colon, high = value.partition(":")
        if not colon:
            search[name] = Choice(tuple(map(_value, value.split(","))))
            continue
        ends = _value(low), _value(high)
        if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
            raise InputError(f"{text!r}: a range goes from a number to a number")
        known = SEARCH.get(name)
        search[name] = Range(
            ends[0],  # type: ignore[arg-type]
            ends[1],  # type: ignore[arg-type]
            isinstance(known, Range) and known.log,
            all(isinstance(end, int) for end in ends),
        )
    _check_names(search, model)
    return search


def _value(text: str) -> str | int | float | bool | None:
    try:
        value: Any = json.loads(text.lower().replace("none", "null"))
    except ValueError:
        return text
    return text if isinstance(value, list | dict) else value


def _search(model: Estimator[Any], asked: Search | None) -> Search:
    if asked is not None:
        _check_names(asked, type(model))
        return asked
    known = model.get_params(deep=False)
    usual = {name: one for name, one in SEARCH.items() if name in known}
    cells = usual.get("cell")
    if isinstance(cells, Choice) and known["cell"] not in cells.values:
        del usual["cell"]  # a cell of one's own stays
    return usual


def _check_names(search: Search, model: type) -> None:
    known = list(inspect.signature(model).parameters)
    other = [name for name in search if name not in known]
    if other or not search:
        what = f"has no option {other[0]!r}" if other else "needs an option to look for"
        raise InputError(f"{model.__name__} {what}; there are {', '.join(known)}")


def _loss(model: Any, data: tuple[Any, ...], more: Mapping[str, Any]) -> float | None:
    """The least loss on the validation part in training; None where it broke off."""
    try:
        model.fit(*data, **more)
    except TrainingError:
        return None
    checks = [entry.check for entry in model.history_ if entry.check is not None]
    if not checks:
        raise InputError("there is no validation part to compare options on: the data are too few")
    return float(min(checks))


def _open_study(path: str | Path | None, fingerprint: str, seed: int) -> Study:
    import optuna
    from optuna.storages import InMemoryStorage, JournalStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage: Any = InMemoryStorage()
    if path is not None:
        try:
            lock = JournalFileOpenLock(str(path))
            storage = JournalStorage(JournalFileBackend(str(path), lock_obj=lock))
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{path} cannot be read as a study: {error!s:.200}") from None
    study = optuna.create_study(storage=storage, study_name="gatewise", load_if_exists=True)
    # proposals of a resumed search must not repeat its first ones
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials), n_startup_trials=5)
    before = study.user_attrs.get("fingerprint")
    if before not in (None, fingerprint):
        raise InputError(
            f"{path} is of another search (other data, options or ranges): name another file"
        )
    study.set_user_attr("fingerprint", fingerprint)
    return study


def _tell(study: Study, trial: Trial, loss: float | None) -> None:
    from optuna.trial import TrialState

    if loss is None:
        study.tell(trial, state=TrialState.FAIL)
    else:
        study.tell(trial, loss)


def _recorded(trial: Any) -> Fit:
    return Fit(dict(trial.params), trial.value, trial.user_attrs.get("seconds", 0.0), trial.number)


def _fingerprint(
    model: Estimator[Any], search: Search, data: tuple[Any, ...], more: Mapping[str, Any]
) -> str:
    """Of all that makes fits comparable."""
    digest = hashlib.sha256(repr((type(model).__name__, sorted(search.items()))).encode())
    parameters = model.get_params(deep=False)
    digest.update(repr(sorted((name, str(value)) for name, value in parameters.items())).encode())
    for one in (*data, *(more[name] for name in sorted(more))):
        digest.update(digest_of(one))
    return digest.hexdigest()
