#!/usr/bin/env bash
# Runs a script on ranks of several "machines" of this one: network namespaces with host names of their own, which reach one
# another over a bridge by TCP alone, at a limited rate where one is given. What it prints is compared with one process.
#
#   Scripts/maintainers/machines.sh [--rate 1gbit] [--stall SECONDS] [--ssh] [--print] COUNT SCRIPT.twin [ARGUMENT…]
#
# --ssh starts the ranks as people do, by names and through an OpenSSH server on each machine, with keys made for this run;
# without, a few lines take its place.
# --print shows what the ranks print and compares nothing: for scripts that print times.
# --stall takes the second machine off the network five seconds after the start, for so long. Wants root, ip, tc and Open
# MPI; TWINBOOK names the program. Namespaces and bridge are gone at the end.
set -euo pipefail
rate="" stall=0 prints="" server=""
while [[ ${1:-} == --* ]]; do
  case $1 in
    --rate) rate=$2 ;;
    --stall) stall=$2 ;;
    --print) prints=yes; shift; continue ;;
    --ssh) server=$(command -v sshd || echo /usr/sbin/sshd); shift; continue ;;
    *) echo "machines: $1 is unknown" >&2; exit 2 ;;
  esac
  shift 2
done
count=${1:?how many machines}
script=$(realpath "${2:?a script}")
shift 2
program=$(realpath "${TWINBOOK:-.build/release/twinbook}")
[ "$(id -u)" -eq 0 ] || { echo "machines: making network namespaces wants root" >&2; exit 1; }
for tool in ip tc mpirun; do command -v "$tool" >/dev/null || { echo "machines: $tool is not installed" >&2; exit 1; }; done
[ -z "$server" ] || [ -x "$server" ] || { echo "machines: apt-get install openssh-server" >&2; exit 1; }
[ "$count" -ge 2 ] && [ "$count" -le 100 ] || { echo "machines: 2 to 100 of them" >&2; exit 2; }

bridge=twinbridge
folder=$(mktemp -d /tmp/twinmachines-XXXXXX)
cleanup() {
  for file in "$folder"/*.pid; do [ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null || true; done
  for ((i = 1; i <= count; i++)); do ip netns del "twin$i" 2>/dev/null || true; done
  ip link del "$bridge" 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT
ip link add "$bridge" type bridge
ip link set "$bridge" up
hosts=""
for ((i = 1; i <= count; i++)); do
  ip netns add "twin$i"
  ip link add "twinv$i" type veth peer name eth0 netns "twin$i"
  ip link set "twinv$i" master "$bridge" up
  ip netns exec "twin$i" ip addr add "10.77.0.$i/24" dev eth0
  ip netns exec "twin$i" ip link set eth0 up
  ip netns exec "twin$i" ip link set lo up
  if [ -n "$rate" ]; then
    tc qdisc replace dev "twinv$i" root tbf rate "$rate" burst 48kb limit 4mb
    ip netns exec "twin$i" tc qdisc replace dev eth0 root tbf rate "$rate" burst 48kb limit 4mb
  fi
  hosts+="${hosts:+,}10.77.0.$i"
done
# What mpirun starts on another machine by ssh, in that machine's namespace.
cat >"$folder/ssh" <<'INNER'
#!/usr/bin/env bash
while [[ $1 == -* ]]; do shift; done
number=${1##*.}
shift
exec ip netns exec "twin$number" unshare --uts sh -c "hostname machine$number; $*"
INNER
chmod +x "$folder/ssh"
reach=(--mca plm_rsh_agent "$folder/ssh" --host "$hosts")
if [ -n "$server" ]; then
  # Machines have names; keys, and what ssh knows of the others, are this run's alone.
  hosts=""
  mkdir -m 700 "$folder/keys"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/keys/id_ed25519"
  ssh-keygen -q -t ed25519 -N '' -f "$folder/keys/host"
  cp "$folder/keys/id_ed25519.pub" "$folder/keys/authorized_keys"
  # The servers ask for it; here it holds nothing.
  mkdir -p /run/sshd
  for ((i = 1; i <= count; i++)); do
    echo "10.77.0.$i machine$i" >>"$folder/hosts"
    echo "machine$i,10.77.0.$i $(cut -d' ' -f1,2 "$folder/keys/host.pub")" >>"$folder/keys/known_hosts"
    hosts+="${hosts:+,}machine$i"
  done
  for ((i = 1; i <= count; i++)); do
    ip netns exec "twin$i" unshare --uts --mount sh -c "
      hostname machine$i
      mount --bind '$folder/hosts' /etc/hosts
      exec '$server' -f /dev/null -o ListenAddress=10.77.0.$i -o HostKey='$folder/keys/host' -o PidFile='$folder/sshd$i.pid' \
        -o AuthorizedKeysFile='$folder/keys/authorized_keys' -o PasswordAuthentication=no -o StrictModes=no -o UsePAM=no \
        -o PermitRootLogin=prohibit-password"
  done
  cat >"$folder/ssh" <<INNER
#!/usr/bin/env bash
exec ssh -F /dev/null -i '$folder/keys/id_ed25519' -o UserKnownHostsFile='$folder/keys/known_hosts' -o BatchMode=yes "\$@"
INNER
  reach=(--mca plm_rsh_agent "$folder/ssh" --host "$hosts")
else
  touch "$folder/hosts"
fi
mkdir "$folder/alone" "$folder/ranks"
[ -n "$prints" ] || (cd "$folder/alone" && "$program" run "$script" "$@" >"$folder/alone.out")

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
if [ "$stall" != 0 ]; then
  (sleep 5; ip link set twinv2 down; echo "machines: the second one is off the network" >&2; sleep "$stall"
   ip link set twinv2 up; echo "machines: it is back" >&2) &
fi
cd "$folder/ranks"
ip netns exec twin1 unshare --uts --mount sh -c '
  [ ! -s "$1" ] || mount --bind "$1" /etc/hosts; shift; hostname machine1; exec "$@"' sh "$folder/hosts" \
  mpirun --bind-to none "${reach[@]}" --mca btl tcp,self -n "$count" \
  "$program" run "$script" "$@" >"$folder/ranks.out"
cd "$folder"
if [ -n "$prints" ]; then
  cat ranks.out
  exit 0
fi
diff alone.out ranks.out
diff -rq alone ranks
echo "machines: $count of them print and write what one process does"
