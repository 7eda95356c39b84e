#!/usr/bin/env bash
# Draws the recordings of INPUT into OUT in many small jobs, for sites that prefer those:
#
#     slurm/array.sh N [sbatch options] -- INPUT OUT [render options]
#
# N tasks of a job array, each a part of the recordings on one node, and after them one job
# that merges the parts into one manifest. The sbatch options apply to all of them. Each task
# runs slurm/render.sh, so the same variables apply (ECGMPI_IMAGE=... slurm/array.sh ...).
#
# A task that failed or was killed can be run again by itself, and then the merge:
#
#     sbatch --array=3 [sbatch options] --export=ALL,ECGMPI_PARTS=N slurm/render.sh INPUT OUT ...
#     ecgmpi merge OUT                       (or this line, slurm/array.sh N ..., again: what
#                                             is done is not drawn again)
set -eo pipefail

# shellcheck source=slurm/arguments.sh
. "$(dirname "$0")/arguments.sh"
take_arguments "the number of tasks" "$@"
export ECGMPI_PARTS=$number
# Errors found now need not wait in a queue.
check
tasks=$(sbatch --parsable --array="1-$number" --output=ecgmpi-%A_%a.log --nodes=1 --ntasks=1 \
    "${options[@]}" "$render" "$input" "$out" "${drawing[@]}")
# sbatch appends the name of the cluster if there are several.
tasks=${tasks%%;*}
# Also after tasks that failed: the merge says which parts are missing.
merge=$(ECGMPI_PARTS='' ECGMPI_MERGE=yes sbatch --parsable "${options[@]}" \
    --dependency="afterany:$tasks" --output=ecgmpi-%j.log --job-name=ecgmpi-merge \
    --nodes=1 --ntasks=1 --cpus-per-task=1 "$render" "$input" "$out" "${drawing[@]}") ||
    fail "the tasks are job $tasks, but Slurm refused the merge job, see above; when they have" \
        "ended, run: ecgmpi merge $out"
echo "array.sh: $number tasks are job $tasks (ecgmpi-${tasks}_*.log), then job $merge merges" \
    "(ecgmpi-${merge%%;*}.log)"
