// SPDX-License-Identifier: Apache-2.0
#include "card/personalisation.hpp"

#include "base/crypto.hpp"
#include "card/errors.hpp"
#include "tpm/error.hpp"
#include "tpm/objects.hpp"
#include "tpm/pin_index.hpp"

#include <algorithm>

namespace tpmvsc::card {

namespace {

constexpr std::size_t value_bytes = 32;
/// Long enough for the command that follows.
constexpr std::chrono::seconds ticket_life{60};

} // namespace

bool Personalisation::is_open(tpm::Connection& connection, const tpm::Parent& parent,
                              const PersonalisationRecord& record) {
    const tpm::PinCount count = tpm::read_count(connection, parent, record.gate);
    return count.used < count.limit;
}

std::optional<Personalisation> Personalisation::open(tpm::Connection& connection,
                                                     const tpm::Parent& parent,
                                                     const PersonalisationRecord& record,
                                                     ByteView gate_auth) {
    if (!is_open(connection, parent, record))
        return std::nullopt;
    tpm::Ticket ticket;
    if (tpm::check_pin(connection, parent, record.gate, gate_auth, ticket_life, &ticket) !=
        tpm::PinCheck::right)
        return std::nullopt;
    const Bytes name = tpm::object_name(record.sealed);
    const SecretBytes all =
        tpm::unseal(connection, {parent, record.sealed, name, &ticket, record.gate.name});
    if (all.size() != value_bytes && all.size() != 3 * value_bytes)
        throw StorageError(StorageError::Reason::damaged,
                           "the card's file \"personalisation\" does not fit its own content: "
                           "destroy the card and create it again");
    Personalisation values;
    values.authority = SecretBytes(all.view().first(value_bytes));
    if (all.size() > value_bytes) {
        values.puk = SecretBytes(all.view().subspan(value_bytes, value_bytes));
        values.next_puk = SecretBytes(all.view().last(value_bytes));
    }
    return values;
}

void Personalisation::seal(tpm::Connection& connection, const tpm::Parent& parent,
                           PersonalisationRecord& record) const {
    SecretBytes all(authority.size() + puk.size() + next_puk.size());
    auto to = all.span().begin();
    for (const SecretBytes* value : {&authority, &puk, &next_puk})
        to = std::copy(value->view().begin(), value->view().end(), to);
    record.sealed = tpm::seal(connection, parent, all.view(), record.gate.name);
}

void Personalisation::shut(tpm::Connection& connection, const tpm::Parent& parent,
                           const PersonalisationRecord& record) {
    const Bytes no_value = crypto::random_bytes(value_bytes);
    tpm::check_pin(connection, parent, record.gate, no_value, ticket_life, nullptr);
    if (is_open(connection, parent, record))
        throw tpm::Error(tpm::Fault::protocol, 0, "the TPM did not shut a blank card's gate");
}

} // namespace tpmvsc::card
