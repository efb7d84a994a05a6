# SPDX-License-Identifier: Apache-2.0
# A small XMPP client and a server under test, for the scripts that look at Meerkat from outside.
