# SPDX-License-Identifier: Apache-2.0
"""The real servers that tests start for themselves: each on a port of its own, with a folder of its own."""
