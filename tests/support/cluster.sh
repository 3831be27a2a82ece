# A Slurm cluster of two nodes on this machine, by the slurm.conf in the folder $1, for as long as stdin is
# open; then nothing of it is left. What a shell puts into the background ignores SIGINT and SIGQUIT, and so
# would all jobs.
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
munged=$!
server slurmctld -D -c &
slurmctld=$!
server slurmd -D -N n1 &
n1=$!
server slurmd -D -N n2 &
n2=$!
cat <&3 >/dev/null
scancel --me --quiet
kill "$n1" "$n2" "$slurmctld"
wait "$n1" "$n2" "$slurmctld"
# Of a node that was killed the steps live on.
for file in $(grep -lsF "$folder/" /proc/[0-9]*/environ); do
  pid=${file%/environ}
  pid=${pid#/proc/}
  [ "$pid" = "$$" ] || [ "$pid" = "$munged" ] || kill -KILL "$pid"
done
kill "$munged"
wait
rm -rf "$folder"
