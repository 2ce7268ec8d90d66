// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apdu/command.hpp"

namespace tpmvsc::apdu {

/// PendingResponse keeps the rest of an answer that was longer than the host's Le, to be fetched by
/// GET RESPONSE (ISO 7816-4 section 7.6.1).
class PendingResponse {
  public:
    PendingResponse() = default;
    ~PendingResponse() { drop(); }
    PendingResponse(const PendingResponse&) = delete;
    PendingResponse& operator=(const PendingResponse&) = delete;

    /// Gives as much of `whole` as `expected` allows and keeps the rest. The answer ends in 61xx
    /// while something is left, else in the status word of `whole`.
    Response deliver(Response whole, std::size_t expected);
    /// The next part of what is kept; 6985 when nothing is.
    Response next(std::size_t expected);
    bool empty() const { return sent_ == whole_.size(); }
    void drop();

  private:
    Bytes whole_;
    std::size_t sent_ = 0;
    StatusWord status_ = sw::success;
};

} // namespace tpmvsc::apdu
