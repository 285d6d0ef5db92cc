"""The newest state of every job, in memory: what the API answers from and the hub sends out."""

from .board import Board
from .entry import History

__all__ = ["Board", "History"]
