"""
All the Cachets there are.  become() turns one into another, as an upgrade
does.
"""

from .cachet import Cachet
from .cachet_2_3 import Cachet23
from .cachet_3 import Cachet3
from .cachet_3_2024 import Cachet32024

__all__ = ["GENERATIONS", "Cachet", "Cachet23", "Cachet3", "Cachet32024",
           "become", "unlimited"]

GENERATIONS = {"2.3": Cachet23, "2.4": Cachet, "3": Cachet3,
               "3-2024": Cachet32024}


def become(cachet, kind):
    with cachet.lock:
        cachet.__class__ = kind


def unlimited(kind):
    """One that does not mind how often it is asked, and says so."""
    cachet = kind()
    cachet.limit = 10 ** 5
    return cachet
