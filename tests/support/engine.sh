# Runs a Docker engine in the folder $1 until stdin is at EOF; then removes all of it. It runs in
# the foreground, because background processes of a shell ignore SIGINT and SIGQUIT, and containers
# would inherit that.
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
