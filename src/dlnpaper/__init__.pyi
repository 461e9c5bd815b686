from . import layers as layers
from . import plot as plot
from . import two_layers as two_layers
from ._local_rates import best_parameters as best_parameters
from ._local_rates import local_rate as local_rate
from ._local_rates import stable_step as stable_step
from ._target import Target as Target
from ._version import __version__ as __version__
from .analysis._fits import fit_rate as fit_rate
from .one_neuron._chains import solve_chain as solve_chain
from .one_neuron._closed_form import solve as solve
from .one_neuron._decayed_limits import limits as limits
from .one_neuron._descent import descend as descend
from .one_neuron._end_to_end import end_to_end as end_to_end
from .one_neuron._flows import integrate as integrate
from .one_neuron._guarantees import coverage as coverage
from .one_neuron._guarantees import exact_coverage as exact_coverage
from .one_neuron._guarantees import guarantees as guarantees
from .one_neuron._hessian import hessian_spectrum as hessian_spectrum
from .one_neuron._passage import escape_time as escape_time
from .one_neuron._passage import first_passage as first_passage
from .one_neuron._rates import rates as rates
from .one_neuron._shrinkage import shrinkage as shrinkage
from .one_neuron._shrinkage import thresholds as thresholds
from .one_neuron._stages import stages as stages
from .one_neuron._starting_points import StartingPoints as StartingPoints

__all__: list[str]
