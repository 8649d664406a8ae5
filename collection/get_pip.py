# SPDX-License-Identifier: Apache-2.0
"""Gives an empty virtual environment the pip that Python brings along."""

import ensurepip

ensurepip.bootstrap()
