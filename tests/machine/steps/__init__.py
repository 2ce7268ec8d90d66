# SPDX-License-Identifier: Apache-2.0
"""The scenario: what is tried, in this order."""

from . import bad_input, card, counts, install, own_user, shared, tpm_away, upgrade

STEPS = (
    install.install, card.card, card.users, card.survives, counts.counts, own_user.own_user, upgrade.upgrade,
    upgrade.refused, shared.shared, tpm_away.tpm_away, tpm_away.suspend, bad_input.debug_log, bad_input.owner_password,
    bad_input.no_permission, bad_input.other_folder, bad_input.full_disk, bad_input.newer_state, bad_input.no_tpm,
    bad_input.other_machine, upgrade.purge, upgrade.purge_with_card, install.first_install,
)
ALL = [(step.__name__, step) for step in STEPS]
