// SPDX-License-Identifier: Apache-2.0
// Wrong checksums, all of them: what check-and-sort elements cost under an attack. To be compared with checkgood.
define($limit 1000000, $burst 32);
InfiniteSource(DATA \<
    45000032 00000000 401177b9 01000002 02000002
    04d204d2 001e0000 00000000 00000000 00000000 00000000 00000000 0000>, LIMIT $limit, BURST $burst, STOP true)
    -> check :: CheckIPHeader
    -> Discard;
check[1] -> Discard;
