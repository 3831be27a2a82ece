# A Docker engine in the folder $1, for as long as stdin is open; then nothing of it is left. It runs in
# the foreground, as what a shell puts into the background ignores SIGINT and SIGQUIT, and so would all
# containers.
folder=$1
socket=unix://$folder/socket
exec 3<&0
{
  cat >/dev/null
  docker -H "$socket" ps -aq | xargs -r docker -H "$socket" rm -f
  kill "$(cat "$folder/pid")"
} <&3 &
dockerd --data-root "$folder/data" --exec-root "$folder/exec" -p "$folder/pid" -H "$socket" \
  --iptables=false --ip6tables=false --bridge=none </dev/null >"$folder/log" 2>&1
wait
rm -rf "$folder"
