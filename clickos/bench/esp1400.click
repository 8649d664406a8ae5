// SPDX-License-Identifier: Apache-2.0
//
// 1,400-byte IP packets become ESP packets with AES-GCM and a key of 128 bits.

define($limit 1000000, $burst 32, $length 1400)

InfiniteSource(LENGTH $length, LIMIT $limit, BURST $burst, STOP true) -> StoreData(0, \<45>)
    -> IPsecESPEncap(0x1001 000102030405060708090a0b0c0d0e0f10111213 -) -> Discard;
