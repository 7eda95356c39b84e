#!/usr/bin/env bash
# Measures how much faster the same work gets on 1, 2, 4, ... nodes, one after another:
#
#     slurm/scaling.sh NODES [sbatch options] -- INPUT OUT [render options]
#
# NODES is the largest number. The jobs draw INPUT into OUT/nodes-1, OUT/nodes-2, ...; when all
# have ended, OUT/scaling.csv has a line for each, and OUT/scaling.png shows speed and efficiency.
# The jobs run slurm/render.sh, one after another, so as not to compete for the filesystem.
# Use some thousands of recordings: otherwise start-up time is measured.
set -eo pipefail

# shellcheck source=slurm/arguments.sh
. "$(dirname "$0")/arguments.sh"
take_arguments "the largest number of nodes" "$@"

check
mkdir -p -- "$out"
out=$(realpath -- "$out")
before=()
counts=()
for ((nodes = 1; nodes <= number; nodes *= 2)); do counts+=("$nodes"); done
[ "${counts[-1]}" = "$number" ] || counts+=("$number")
for nodes in "${counts[@]}"; do
    job=$(sbatch --parsable "${before[@]}" --output="$out/nodes-$nodes.log" --nodes="$nodes" \
        "${options[@]}" "$render" "$input" "$out/nodes-$nodes" --overwrite "${drawing[@]}")
    job=${job%%;*}
    echo "scaling.sh: $nodes nodes are job $job"
    before=(--dependency="afterany:$job")
done
echo "scaling.sh: waiting for the jobs"
# Slurm may fail to answer for a moment, and forgets jobs that ended some minutes ago.
silent=0
while [ "$silent" -lt 5 ]; do
    if left=$(squeue --noheader --jobs="$job" 2>/dev/null); then
        [ -n "$left" ] || break
        silent=0
    else
        silent=$((silent + 1))
    fi
    sleep "${ECGMPI_LOOK_EVERY:-10}"
done

# The image has what draws the plot; without an image, the environment has it.
python=(python3)
image=${ECGMPI_IMAGE:-ecgmpi.sif}
[ -n "${ECGMPI_IMAGE:-}" ] || [ -e "$image" ] || image=$HOME/ecgmpi.sif
if [ "$image" != none ]; then
    apptainer=${APPTAINER:-$(command -v apptainer || command -v singularity)}
    python=("$apptainer" -q exec --bind "$(printf '%s\n' "$out" | sed 's/[\\:,]/\\&/g')" "$image" python3)
fi
"${python[@]}" - "$out" "${counts[@]}" <<'PYTHON'
import csv
import json
import sys
from pathlib import Path

out, counts = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
rows = []
for nodes in counts:
    try:
        run = json.loads((out / f"nodes-{nodes}" / "run.json").read_text())
    except OSError:
        sys.exit(f"scaling.sh: the job on {nodes} nodes failed: see {out}/nodes-{nodes}.log")
    rate = run["drawn_now"] / run["seconds"]
    workers = sum(rank["workers"] for rank in run["ranks"])
    rows.append([nodes, workers, round(run["seconds"], 2), round(rate, 1)])
first = rows[0]
for row in rows:
    speedup = row[3] / first[3]
    row += [round(speedup, 2), round(speedup * first[0] / row[0], 2)]
head = ["nodes", "workers", "seconds", "recordings_per_s", "speedup", "efficiency"]
with (out / "scaling.csv").open("w", newline="") as handle:
    csv.writer(handle, lineterminator="\n").writerows([head, *rows])
for row in [head, *rows]:
    print("".join(f"{value!s:>18}" for value in row))

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

figure, (speed, share) = pyplot.subplots(1, 2, figsize=(9, 4), layout="constrained")
speed.plot(counts, [row[3] for row in rows], "o-", label="measured")
speed.plot(counts, [first[3] * nodes / first[0] for nodes in counts], "--", label="in proportion")
speed.set(xlabel="nodes", ylabel="recordings a second", xticks=counts, ylim=(0, None))
speed.legend()
share.plot(counts, [row[5] for row in rows], "o-")
share.set(xlabel="nodes", ylabel="efficiency", xticks=counts, ylim=(0, 1.1))
figure.savefig(out / "scaling.png", dpi=150)
print(f"see {out}/scaling.csv and scaling.png")
PYTHON
