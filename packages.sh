#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what packages.txt names and this machine lacks. Needs root only then.
# No service is started by the installation: the lab starts its own, in its own machines.
set -euo pipefail
cd "$(dirname "$0")"

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' packages.txt)
missing=()
for package in "${wanted[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=absent
    [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

if [[ $EUID -ne 0 ]]; then
    echo "cannot install packages: not root; run as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing ${missing[*]}"
apt-get -qq update >/dev/null
apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null
