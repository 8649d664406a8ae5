#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots one ClickOS guest on a Xen host with a configuration as its ramdisk, and shows its console until it ends or
# Ctrl-] is typed. Its interfaces eth0, eth1, ... are on the bridges run0, run1, ... of the host.
#   xen-run.sh HOST CONFIGURATION [pvh|pv] [MEMORY_MIB] [INTERFACES]
# HOST is what ssh calls it; SSH_OPTIONS is handed to ssh and scp.
set -euo pipefail
host=$1 configuration=$2 kind=${3:-pvh} memory=${4:-8} interfaces=${5:-2}
read -ra options <<<"${SSH_OPTIONS:-}"
image=$(dirname "$0")/build/clickos
[[ -r $configuration ]] || { echo "cannot read $configuration: no such file; name a Click configuration" >&2; exit 1; }

scp -q "${options[@]}" "$image" "$host:/run/xen-run.clickos"
scp -q "${options[@]}" "$configuration" "$host:/run/xen-run.click"
terminal=()
[[ ! -t 0 ]] || terminal=(-t)
# shellcheck disable=SC2087 # the values are this machine's
ssh "${options[@]}" "$host" sh -e <<END
vifs=
for number in \$(seq 0 $((interfaces - 1))); do
    ovs-vsctl --may-exist add-br run\$number
    ip link set run\$number up
    vifs="\$vifs'bridge=run\$number,script=vif-openvswitch',"
done
cat >/run/xen-run.cfg <<CFG
name = "run"
type = "$kind"
kernel = "/run/xen-run.clickos"
ramdisk = "/run/xen-run.click"
memory = $memory
vcpus = 1
vif = [\$vifs]
on_crash = "destroy"
CFG
END
trap 'ssh "${options[@]}" "$host" "xl destroy run 2>/dev/null || true"' EXIT
ssh "${terminal[@]}" "${options[@]}" "$host" xl create -c /run/xen-run.cfg
