"""Draw where every start of one's own 2 × 2 target leads: a phase portrait in three lines."""

import dlnpaper

target = dlnpaper.Target.from_matrix([[1.0, 2.0], [0.5, -1.0]])
ax = dlnpaper.plot.limit_map(target)
ax.figure.savefig("phase_portrait.png", dpi=200)
print("phase_portrait.png shows the limits of all starting directions.")
