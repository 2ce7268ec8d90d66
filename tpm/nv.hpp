// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tpm/connection.hpp"

#include <optional>

namespace tpmvsc::tpm {

/// NvPublic is an index' public area and the Name computed from it.
struct NvPublic {
    TPMS_NV_PUBLIC area{};
    Bytes name;
};

/// nv_name computes the Name of `area`.
Bytes nv_name(const TPMS_NV_PUBLIC& area);

/// read_nv_public asks for the index at `handle`; nothing when it is undefined.
std::optional<NvPublic> read_nv_public(Connection& connection, std::uint32_t handle);

/// define_nv defines an index; `auth_value` travels encrypted.
/// free_index is the first handle of the owner's range that no index has.
std::uint32_t free_index(Connection& connection);
/// discard_index removes a half-made index. When that fails as well, the caller's note of it is
/// what remains.
void discard_index(Connection& connection, std::uint32_t handle, ByteView owner_auth);

void define_nv(Connection& connection, const Parent& parent, ByteView owner_auth,
               const TPMS_NV_PUBLIC& area, ByteView auth_value);

/// write_nv writes all of an index, authorised by the policy session, whose policy must be
/// satisfied.
void write_nv(Connection& connection, Session& policy_session, const NvPublic& index,
              ByteView contents);

/// undefine_nv removes an index by the owner's authorisation.
void undefine_nv(Connection& connection, std::uint32_t handle, ByteView name, ByteView owner_auth);

} // namespace tpmvsc::tpm
