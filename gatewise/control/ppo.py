"""``RecurrentPPO``: learns a policy with memory by acting in environments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from gatewise.arrays import Array
from gatewise.control import saved
from gatewise.control.environments import Environments, is_vector
from gatewise.control.evaluation import Evaluation, check_fits, evaluate
from gatewise.control.history import Entry
from gatewise.control.learning import learn
from gatewise.control.making import Setting, setting_of
from gatewise.control.moments import ReturnScale
from gatewise.control.options import Options
from gatewise.control.policy import Policy, PolicyState, make_policy
from gatewise.control.resuming import adopt, check_named
from gatewise.control.starting import take_over
from gatewise.control.training import Budget, Training
from gatewise.control.update import make_optimizer
from gatewise.errors import InputError, OptionError
from gatewise.lang.cell import Cell
from gatewise.tasks.options import single_input_cell


class RecurrentPPO:
    """Proximal policy optimisation with a memory of any cell (Schulman et al. 2017).

    The policy acts in several environments at once; then whole sequences, with resets inside, are learned from. An
    episode that was cut by a time limit counts with the value of its last observation, one that terminated does not.

    Args:
        env: a name of Gymnasium, an environment (it is copied), a function that makes one, or a vector environment
            of Gymnasium or Stable-Baselines3.
        cell: a name of the catalogue or a cell with one input.
        hide: places of numbers that are left out of flat observations, such as velocities.
        max_steps: after so many steps an episode is cut; None: as the environment does.
        workers: whether each environment runs in a process of its own, with its observations in shared memory. It
            pays off where a step of the environment takes longer than some hundred microseconds.
        units: of the embedding, the memory and each head.
        n_envs: environments; a vector environment brings its own number.
        n_steps: steps of each environment between two updates.
        n_epochs: passes over them.
        n_minibatches: parts of each pass; each has whole sequences.
        learning_rate: of Adam.
        anneal: whether the rate falls in a line to a tenth over ``frames`` (or ``time``): for long trainings.
        gamma, gae_lambda: of the advantages.
        clip_range, vf_coef, max_grad_norm: of the loss.
        ent_coef: of the loss; None: 0.03 where a part of the observation is a small grid of bytes, whose values are
            read as symbols; else 0.
        target_kl: an update ends when the policy has moved so far from the one that acted, by an estimate of the
            divergence of a step's action; None: after all epochs.
        burn_in: steps of the rollout before through which the memory is run again with the present weights; 0: the
            states are those that were stored when the steps were taken.
        shared: whether actor and critic share one memory; else each has its own.
        previous_action, previous_reward: whether the last action and its reward are read besides the observation.
        keep_best: whether a call of ``learn`` that ends clearly worse than it once was (by two standard errors of the
            mean return of 100 episodes) goes back to the policy that did best.
        pixels: whether pictures in the observation (bytes, at least 36 x 36) are read through convolutions; else
            their values are read one by one, as numbers.
        normalize_observations: whether numbers are scaled by their running mean and deviation.
        normalize_returns: whether rewards are divided by the running deviation of the discounted return. Without it
            a shared memory often learns nothing.
        start_from: a policy whose weights it begins with: learned in an easier environment, or from episodes. Spaces,
            cell and sizes must be the same.
        seed: of weights, actions and episodes.

    Raises:
        InputError: for something that is no environment, spaces that are not supported, or a policy to start from
            that does not fit.
        OptionError: for an option out of range.
        CellError: for a name that is not in the catalogue.
    """

    def __init__(
        self,
        env: Any,
        cell: str | Cell = "lstm",
        *,
        hide: Sequence[int] = (),
        max_steps: int | None = None,
        workers: bool = False,
        units: int = 64,
        n_envs: int = 16,
        n_steps: int = 128,
        n_epochs: int = 10,
        n_minibatches: int = 4,
        learning_rate: float = 1e-3,
        anneal: bool = False,
        gamma: float = 0.99,
        gae_lambda: float = 0.95,
        clip_range: float = 0.2,
        target_kl: float | None = 0.03,
        ent_coef: float | None = None,
        vf_coef: float = 0.5,
        max_grad_norm: float = 0.5,
        burn_in: int = 0,
        shared: bool = True,
        previous_action: bool = False,
        previous_reward: bool = False,
        keep_best: bool = True,
        pixels: bool = True,
        normalize_observations: bool = True,
        normalize_returns: bool = True,
        start_from: Policy | None = None,
        seed: int = 0,
    ) -> None:
        options = Options.of(locals())
        if options.burn_in > options.n_steps:
            raise OptionError(f"burn_in is at most n_steps, {n_steps}, not {burn_in}")
        chosen = single_input_cell(cell, "a policy gives it one")
        setting = setting_of(env, hide, max_steps)
        self.env, self.workers = env, workers
        environments = Environments(env, setting, options.n_envs, workers, options.seed, apart=True)
        options = options.suited_to(environments.observation)
        policy = make_policy(chosen, environments.observation, environments.action, options)
        if start_from is not None:
            try:
                take_over(policy, start_from)
            except BaseException:
                environments.close()
                raise
        scaled = options.normalize_returns
        self._training = Training(
            chosen,
            options,
            setting,
            policy,
            make_optimizer(policy.network, options.learning_rate),
            ReturnScale(environments.count, options.gamma) if scaled else None,
            environments=environments,
        )

    # --- learning -------------------------------------------------------------------------------

    def learn(
        self,
        frames: int | None = None,
        *,
        time: float | None = None,
        goal: float | None = None,
        progress: Callable[[Entry], None] | None = None,
    ) -> Self:
        """Train, or continue training.

        Args:
            frames: steps to take, over all environments, at least; the last rollout is taken to its end.
            time: seconds after which it ends with the next update. The result then depends on the machine.
            goal: it ends when the mean return of the last 100 episodes reaches this.
            progress: called with what was measured after each update; what it raises ends the call there.

        Without frames and time, an interrupted call is resumed, also that of a loaded model.

        Raises:
            OptionError: for neither frames nor time where nothing was interrupted, or one out of range.
            InputError: for an environment that fails, or gives what is no number.
            TrainingError: if a gradient is not a number.
        """
        at = self._training
        budget = self._taken_up(frames, time, goal)
        learn(at, budget, self._opened(), progress)
        return self

    def _taken_up(self, frames: int | None, time: float | None, goal: float | None) -> Budget:
        at = self._training
        if frames is None and time is None and at.budget is not None:
            return at.budget
        at.budget = Budget.checked(at.frames, frames, time, goal)
        return at.budget

    # --- where it stands ------------------------------------------------------------------------

    @property
    def policy(self) -> Policy:
        """What was learned so far."""
        return self._training.policy

    @property
    def cell(self) -> Cell:
        """The cell of the memory."""
        return self._training.cell

    @property
    def options(self) -> Options:
        """The options that it was made with."""
        return self._training.options

    @property
    def setting(self) -> Setting:
        """How its environments are made."""
        return self._training.setting

    @property
    def frames(self) -> int:
        """Steps taken so far, over all environments."""
        return self._training.frames

    @property
    def updates(self) -> int:
        """Updates so far."""
        return self._training.updates

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self._training.seconds

    @property
    def history(self) -> list[Entry]:
        """What was measured after each update."""
        return self._training.history

    @property
    def handed_out(self) -> int | None:
        """The updates that the present policy had, where the last ``learn`` went back to the best; else None."""
        return self._training.handed_out

    @property
    def interrupted(self) -> bool:
        """Whether a call of ``learn`` was interrupted; ``learn()`` resumes it."""
        return self._training.budget is not None

    # --- using ----------------------------------------------------------------------------------

    def predict(
        self,
        observation: Any,
        state: PolicyState | None = None,
        episode_start: Any = None,
        deterministic: bool = True,
    ) -> tuple[Array, PolicyState]:
        """What to do in B environments side by side; ``policy.step`` is for one.

        Args:
            observation: of B environments, as a vector environment gives them.
            state: what the call before returned; None at the start.
            episode_start: [B] truth values: whose episode begins with this observation.
            deterministic: the likeliest action; False: one is drawn.

        Returns the actions [B, *shape] and the new state.
        """
        if state is not None and episode_start is not None:
            fresh = self.policy.start(len(state.action))
            begins = np.asarray(episode_start, dtype=bool)[:, None]
            memory = tuple(
                np.where(begins, new, old)
                for new, old in zip(fresh.memory, state.memory, strict=True)
            )
            state = PolicyState(memory, np.where(begins, fresh.action, state.action))
        rng = None if deterministic else np.random.default_rng()
        return self.policy.step_batch(observation, state, rng=rng)

    def evaluate(self, episodes: int = 100, *, deterministic: bool = True) -> Evaluation:
        """Play whole episodes that training has not seen. Raises InputError for one that does not end."""
        if is_vector(self.env):
            raise InputError(
                "episodes are played in single environments: pass a name or a function that makes one instead of a "
                "vector environment, or step through yours with predict"
            )
        return evaluate(self.policy, self.env, self.setting, episodes, deterministic)

    def close(self) -> None:
        """End the environments and their workers; ``learn`` opens new ones, in which new episodes begin."""
        at = self._training
        if at.environments is not None:
            at.environments.close()
        at.environments = at.running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    # --- saving and loading ---------------------------------------------------------------------

    def save(self, folder: str | Path, *, force: bool = False, report: str | None = None) -> None:
        """Write the policy and where its training stands to a folder; see ``gatewise.control.saved``.

        Raises InputError if it exists and ``force`` is false, or cannot be written.
        """
        saved.save(self._training, Path(folder), force, report)

    @classmethod
    def load(cls, folder: str | Path, env: Any = None, *, workers: bool = False) -> Self:
        """Read what ``save`` has written; ``learn`` then continues as if it had not been interrupted.

        Args:
            folder: of the model.
            env: where it learned; None: the environment of the name that was saved.
            workers: as of the constructor.

        Raises InputError if it is damaged, or if the environment is another one.
        """
        record = saved.read(Path(folder))
        place = record.config.environment
        if env is None:
            check_named(place, Path(folder))
        learner = cls(
            place.name if env is None else env,
            record.cell,
            hide=place.hide,
            max_steps=place.max_steps,
            workers=workers,
            **vars(record.config.options),
        )
        try:
            adopt(learner._training, record, learner._opened())
        except BaseException:
            learner.close()
            raise
        return learner

    def _opened(self) -> Environments:
        at = self._training
        if at.environments is None:
            options = at.options
            at.environments = Environments(
                self.env, at.setting, options.n_envs, self.workers, options.seed, apart=True
            )
            check_fits(at.policy, at.environments)
        return at.environments
