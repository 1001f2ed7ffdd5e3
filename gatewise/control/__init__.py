"""Policies with memory: recurrent PPO on environments of Gymnasium, and policies cloned from episodes."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatewise.extras import FORECAST, require
from gatewise.settings import sleep_while_waiting

require("gatewise.control", "control", FORECAST)

if TYPE_CHECKING:
    from gatewise.control.cloning import BehaviourCloning as BehaviourCloning
    from gatewise.control.policy import Policy as Policy
    from gatewise.control.policy import PolicyState as PolicyState
    from gatewise.control.ppo import RecurrentPPO as RecurrentPPO

sleep_while_waiting()  # before torch is loaded, if it is not yet

# public name -> the file that has it
PUBLIC = {
    "RecurrentPPO": "ppo",
    "Policy": "policy",
    "PolicyState": "policy",
    "BehaviourCloning": "cloning",
}


def load(folder: str | Path) -> "Policy":
    """Read the policy of a saved model; neither its environment nor its training is needed.

    ``RecurrentPPO.load`` reads the learner, which resumes where it was saved.

    Raises InputError if it is missing, damaged, changed, of another kind or from a newer version.
    """
    from gatewise.control.saved import load_policy

    return load_policy(folder)


def __getattr__(name: str) -> Any:
    """What is slow to import comes when it is asked for."""
    if name in PUBLIC:
        return getattr(import_module(f"gatewise.control.{PUBLIC[name]}"), name)
    raise AttributeError(f"module 'gatewise.control' has no attribute {name!r}")
