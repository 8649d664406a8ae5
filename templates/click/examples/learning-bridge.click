// SPDX-License-Identifier: Apache-2.0
//
// A learning bridge of two ports.
//
// Forgets a neighbour that has been silent for five minutes. Rings of cables need EtherSpanTree, which is not here.
//
//   click learning-bridge.click left=eth1 right=eth2

define($left eth1, $right eth2);

bridge :: EtherSwitch(TIMEOUT 300);

FromDevice($left, PROMISC true) -> [0]bridge[0] -> left :: Queue(1000) -> ToDevice($left);
FromDevice($right, PROMISC true) -> [1]bridge[1] -> right :: Queue(1000) -> ToDevice($right);
