// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/support/swtpm.hpp"

#include "card/card.hpp"
#include "card/create.hpp"
#include "card/well_known.hpp"
#include "tpm/capabilities.hpp"
#include "tpm/tpm.hpp"

namespace tpmvsc {

/// CardFixture is a fresh software TPM with one fresh card on it.
struct CardFixture {
    explicit CardFixture(bool may_set_tries = false) : settable_tries(may_set_tries) {
        add_card("Test card");
    }

    /// Options of a card with the well-known values.
    card::CreateOptions options(const std::string& name) const {
        card::CreateOptions result;
        result.name = name;
        result.pin = SecretBytes(as_bytes("123456"));
        result.puk = SecretBytes(as_bytes("12345678"));
        result.admin_key = SecretBytes(card::default_admin_key(card::AdminAlgorithm::tdes));
        result.settable_tries = settable_tries;
        return result;
    }
    card::Identity add_card(const std::string& name) {
        const card::Identity identity = card::create(store, tpm, options(name), {});
        folder = store.path() + "/" + to_hex(identity.id);
        reopen();
        return identity;
    }
    /// What a restarted driver does.
    void reopen() { card = card::Card::open(folder, tpm); }
    std::uint32_t nv_indices() { return tpm::read_facts(tpm).nv_indices; }

    bool settable_tries;
    test::Swtpm swtpm;
    tpm::Tpm tpm{swtpm.tcti(), std::chrono::seconds(2)};
    card::Store store{swtpm.folder() + "/cards"};
    std::string folder;
    std::unique_ptr<card::Card> card;
};

} // namespace tpmvsc
