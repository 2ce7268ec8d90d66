// SPDX-License-Identifier: Apache-2.0
#include "apdu/admin/status.hpp"
#include "base/tlv.hpp"

#include <cstdlib>

using namespace tpmvsc;

/// A row of objects that reads well comes out of the writer as a row that reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    admin::decode(bytes);
    const auto objects = parse_all(bytes);
    if (!objects) {
        return 0;
    }
    TlvWriter writer;
    for (const Tlv& object : *objects) {
        writer.add(object.tag, object.value);
    }
    const Bytes written = writer.take();
    const auto again = parse_all(written);
    if (!again || again->size() != objects->size() || written.size() > size) {
        std::abort();
    }
    for (std::size_t i = 0; i < objects->size(); ++i) {
        if ((*again)[i].tag != (*objects)[i].tag ||
            !equal((*again)[i].value, (*objects)[i].value)) {
            std::abort();
        }
    }
    return 0;
}
