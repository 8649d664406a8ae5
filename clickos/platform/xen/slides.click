// SPDX-License-Identifier: Apache-2.0
// The configuration of the slides: shows what arrives.
FromClickOS(0) -> Print -> Discard;
