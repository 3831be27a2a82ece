# Runs a Slurm cluster of two nodes on this machine, with the slurm.conf in the folder $1, until
# stdin is at EOF; then removes all of it. Background processes of a shell ignore SIGINT and
# SIGQUIT, and jobs would inherit that.
folder=$1
SLURM_CONF=$folder/slurm.conf
export SLURM_CONF
exec 3<&0 </dev/null >"$folder/log" 2>&1
server() {
  exec env --default-signal=INT,QUIT "$@" 3<&-
}
server munged --foreground --num-threads=2 --key-file="$folder/munge/key" \
  --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" \
  --seed-file="$folder/munge/seed" &
server slurmctld -D -c &
server slurmd -D -N n1 &
server slurmd -D -N n2 &
cat <&3 >/dev/null
# Both servers and steps have the path in their environment. One may have just started another.
for round in 1 2; do
  for file in $(grep -lsF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ); do
    pid=${file%/environ}
    pid=${pid#/proc/}
    [ "$pid" = "$$" ] || kill -KILL "$pid"
  done
done
wait
rm -rf "$folder"
