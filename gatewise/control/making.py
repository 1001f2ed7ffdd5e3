"""How a single environment is made, from a name, an object or a function."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.errors import InputError, OptionError, nearest

NAME = re.compile(r"(?:[\w.]+:)?[\w./-]{1,200}")


@dataclass(frozen=True)
class Setting:
    """How a single environment is made.

    Attributes:
        name: in Gymnasium's registry, ``module:name`` where a module registers it; None for an object.
        hide: places of numbers that are left out of observations.
        max_steps: after so many steps an episode is cut; None: as the environment does.
    """

    name: str | None
    hide: tuple[int, ...] = ()
    max_steps: int | None = None

    def wrapped(self, env: Any) -> Any:
        """An environment with what is around it. Raises InputError for numbers that cannot be hidden."""
        if self.max_steps is not None:
            from gymnasium.wrappers import TimeLimit

            env = TimeLimit(env, self.max_steps)
        if not self.hide:
            return env
        from gatewise.control.wrappers import Hide

        return Hide(env, self.hide)


def setting_of(env: Any, hide: Sequence[int], max_steps: int | None) -> Setting:
    """How environments are made from ``env``, a name or an object. Raises OptionError for one out of range."""
    places = tuple(hide)
    if not all(isinstance(k, int | np.integer) and not isinstance(k, bool) for k in places):
        raise OptionError(f"hide holds places of numbers, such as (1, 3), not {hide!r}")
    if max_steps is not None and (not isinstance(max_steps, int) or max_steps < 1):
        raise OptionError(f"max_steps is a whole number of at least 1, or None, not {max_steps!r}")
    return Setting(env if isinstance(env, str) else None, tuple(map(int, places)), max_steps)


def maker(env: Any, setting: Setting) -> Callable[..., Any]:
    """A function that makes one environment, given keywords such as ``render_mode``.

    Raises InputError for a name that is not known, or something that is no environment.
    """
    import gymnasium

    if isinstance(env, str):
        return lambda **keywords: setting.wrapped(_made(env, keywords))
    if isinstance(env, gymnasium.Env):

        def copied(**keywords: Any) -> Any:
            try:
                return setting.wrapped(copy.deepcopy(env))
            except InputError:
                raise
            except Exception as error:
                raise InputError(
                    f"the environment cannot be copied ({type(error).__name__}: {error!s:.100}): pass its name, or a "
                    "function that makes one"
                ) from None

        return copied
    if callable(env):
        return lambda **keywords: setting.wrapped(_checked(env(**keywords)))
    raise InputError(
        f"env is a name of Gymnasium such as 'CartPole-v1', an environment, a function that makes one, or a vector "
        f"environment, not {type(env).__name__}"
    )


def _made(name: str, keywords: dict[str, Any]) -> Any:
    import gymnasium
    from gymnasium.error import DependencyNotInstalled, Error

    if not NAME.fullmatch(name):
        raise InputError(f"{name!r:.80} is no name of an environment")
    try:
        return gymnasium.make(name, **keywords)
    except (DependencyNotInstalled, ImportError) as error:
        raise InputError(f"the environment {name} needs a library: {error!s:.300}") from None
    except Error as error:
        # Gymnasium's own guess has no version
        reason = str(error).split(" Did you mean")[0].rstrip(".")
        hint = nearest(name, list(gymnasium.registry))
        raise InputError(f"the environment {name}: {reason:.300}.{hint}") from None


def is_registered(name: str) -> bool:
    """Whether Gymnasium knows the name by now."""
    import gymnasium

    return name in gymnasium.registry


def _checked(env: Any) -> Any:
    import gymnasium

    if not isinstance(env, gymnasium.Env):
        raise InputError(
            f"the function must make an environment of Gymnasium, not {type(env).__name__}"
        )
    return env
