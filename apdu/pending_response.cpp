// SPDX-License-Identifier: Apache-2.0
#include "apdu/pending_response.hpp"

#include <algorithm>

namespace tpmvsc::apdu {

Response PendingResponse::deliver(Response whole, std::size_t expected) {
    drop();
    if (whole.data.size() <= expected) {
        return whole;
    }
    whole_ = std::move(whole.data);
    status_ = whole.status;
    return next(expected);
}

Response PendingResponse::next(std::size_t expected) {
    if (empty()) {
        return sw::conditions_not_satisfied;
    }
    const ByteView rest = ByteView(whole_).subspan(sent_);
    const std::size_t size = std::min(expected, rest.size());
    Response part(to_bytes(rest.first(size)), status_);
    sent_ += size;
    if (empty()) {
        drop();
    } else {
        part.status = sw::more_data(rest.size() - size);
    }
    return part;
}

void PendingResponse::drop() {
    whole_ = Bytes();
    sent_ = 0;
}

} // namespace tpmvsc::apdu
