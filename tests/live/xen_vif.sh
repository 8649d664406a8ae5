#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plugs a guest's interface into its bridge of Open vSwitch, as vif-openvswitch does, but within the ten seconds that libxl
# gives it also where every instruction is emulated.
# shellcheck disable=SC2154 # libxl sets vif and XENBUS_PATH
set -e
case $1 in
online)
    ovs-vsctl --may-exist add-port "$(xenstore-read "$XENBUS_PATH/bridge")" "$vif"
    ip link set dev "$vif" up
    xenstore-write "$XENBUS_PATH/hotplug-status" connected
    ;;
offline)
    ovs-vsctl --if-exists del-port "$vif"
    ;;
esac
