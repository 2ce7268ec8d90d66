// SPDX-License-Identifier: Apache-2.0
#include "tpm/owner.hpp"

#include "tpm/connection.hpp"
#include "tpm/parent.hpp"
#include "tpm/primary_key.hpp"

namespace tpmvsc::tpm {

namespace {

/// The session stays when the key goes: the salt is all it is needed for.
Session& session_without_parent(Connection& connection) {
    const TransientObject made(connection, create_primary(connection, TPM2_RH_NULL, {}));
    const auto key = read_parent(connection, made.handle());
    if (!key)
        throw Error(Fault::protocol, 0, "the new key in the null hierarchy has vanished");
    return connection.hmac_session(*key);
}

} // namespace

void as_owner(Connection& connection, ByteView password, const Parent* salt_key,
              const std::function<void(const Authorization&)>& work) {
    if (password.empty()) {
        work({});
        return;
    }
    Session& session = salt_key != nullptr ? connection.hmac_session(*salt_key)
                                           : session_without_parent(connection);
    work({.session = &session, .auth_value = password, .keep = false});
    connection.hmac_session_ended();
}

} // namespace tpmvsc::tpm
