// SPDX-License-Identifier: Apache-2.0
#include "cli/client/dynamic_authentication.hpp"

#include "base/tlv.hpp"

namespace tpmvsc::cli::client {
namespace {

constexpr std::uint32_t tag_dynamic_authentication = 0x7C;

} // namespace

Bytes authentication_template(std::initializer_list<std::pair<std::uint32_t, ByteView>> objects) {
    TlvWriter writer;
    writer.open(tag_dynamic_authentication);
    for (const auto& [tag, value] : objects) {
        writer.add(tag, value);
    }
    return writer.close().take();
}

std::optional<Bytes> in_authentication_template(ByteView answer, std::uint32_t tag) {
    const auto outer = TlvReader(answer).find(tag_dynamic_authentication);
    const auto object = outer ? TlvReader(outer->value).find(tag) : std::nullopt;
    return object ? std::optional(to_bytes(object->value)) : std::nullopt;
}

} // namespace tpmvsc::cli::client
