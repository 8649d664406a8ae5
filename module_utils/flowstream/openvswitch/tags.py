# SPDX-License-Identifier: Apache-2.0
"""Keys of an Open vSwitch interface's external_ids that say whose port it is."""

from __future__ import annotations

ALLOCATION_TAG = "flowstream-allocation"
PM_TAG = "flowstream-pm"
DOMAIN_TAG = "flowstream-domain"
